import { repeat, type SetTimer, systemClock } from '#src/domain/clock.ts';
import { type ConnectionReason, connectionReasonOf } from '#src/domain/connection-reason.ts';
import { type Address, addressOf, probe } from './probe.ts';

export type ReachabilityState = 'reachable' | 'unreachable';

export interface ReachabilityParts {
  readonly baseUrl: URL;
  /** The proxy of the calls. Default: none. */
  readonly proxy?: URL | null;
  /** Opens a connection and closes it. Rejects if it cannot be opened. */
  readonly connect?: (address: Address, setTimer: SetTimer) => Promise<void>;
  /** Called after each probe; null: it succeeded. */
  readonly onProbe?: (reason: ConnectionReason | null) => void;
  readonly now?: () => number;
  /** Default: the machine's timers. */
  readonly setTimer?: SetTimer;
}

export interface Reachability {
  readonly state: () => ReachabilityState;
  /** Reports the outcome of a call. No probe is sent in the 5 s after a report. */
  readonly report: (state: ReachabilityState) => void;
  /** Sends the first probe, then one after every 5 s without a report. Never rejects. */
  readonly start: () => Promise<void>;
  readonly stop: () => void;
}

const probeIntervalMs = 5000;

/**
 * Whether the upstream can be reached: by the calls that are made, and without traffic by a probe,
 * which opens a TCP connection, with TLS if the URL is https. A probe needs no request, no key and
 * no budget.
 */
export function createReachability({
  baseUrl,
  proxy = null,
  connect = (address, timer) => probe(address, { proxy, setTimer: timer }),
  onProbe = () => {},
  now = systemClock.now,
  setTimer = systemClock.setTimer,
}: ReachabilityParts): Reachability {
  const address = addressOf(baseUrl);
  let state: ReachabilityState = 'unreachable';
  let reportedAt = Number.NEGATIVE_INFINITY;
  let stop = () => {};

  const update = (next: ReachabilityState, at: number) => {
    state = next;
    reportedAt = at;
  };
  const probeOnce = async () => {
    const startedAt = now();
    const reason = await connect(address, setTimer).then(() => null, connectionReasonOf);
    onProbe(reason);
    const outcome = reason === null ? 'reachable' : 'unreachable';
    // A call that was reported during the probe is more reliable.
    if (reportedAt < startedAt) update(outcome, startedAt);
  };

  return {
    state: () => state,
    report: (next) => update(next, now()),
    async start() {
      stop = repeat(setTimer, probeIntervalMs, () => {
        if (now() - reportedAt >= probeIntervalMs) void probeOnce();
      });
      await probeOnce();
    },
    stop: () => stop(),
  };
}
