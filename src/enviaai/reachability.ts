import { connect as connectTcp } from 'node:net';
import { repeat, type SetTimer, systemClock } from '#src/domain/clock.ts';

export type ReachabilityState = 'reachable' | 'unreachable';

interface Address {
  readonly host: string;
  readonly port: number;
}

export interface ReachabilityParts {
  readonly baseUrl: URL;
  /** Opens a TCP connection and closes it. Rejects if it cannot be opened. */
  readonly connect?: (address: Address) => Promise<void>;
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
const connectTimeoutMs = 1000;

/**
 * Whether the upstream can be reached: by the calls that are made, and without traffic by a probe,
 * which opens a TCP connection. A probe needs no request, no key and no budget.
 */
export function createReachability({
  baseUrl,
  connect = probe,
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
    const outcome = await connect(address).then(
      () => 'reachable' as const,
      () => 'unreachable' as const,
    );
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

function addressOf({ protocol, hostname, port }: URL): Address {
  const defaultPort = protocol === 'https:' ? 443 : 80;
  return {
    // A URL has brackets around an IPv6 address, `connect` takes it without them.
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? defaultPort : Number(port),
  };
}

function probe(address: Address): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connectTcp(address, resolve);
  socket.setTimeout(connectTimeoutMs, () => reject(new Error('No connection in time')));
  socket.once('error', reject);
  return promise.finally(() => socket.destroy());
}
