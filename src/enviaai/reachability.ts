import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { repeat, type SetTimer, systemClock } from '#src/domain/clock.ts';
import { type ConnectionReason, connectionReasonOf } from '#src/domain/connection-reason.ts';

export type ReachabilityState = 'reachable' | 'unreachable';

interface Address {
  readonly host: string;
  readonly port: number;
  /** The URL is https: the probe includes the TLS handshake, which verifies the certificate. */
  readonly tls: boolean;
}

export interface ReachabilityParts {
  readonly baseUrl: URL;
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
/** For TCP and TLS together. */
const connectTimeoutMs = 1500;

/**
 * Whether the upstream can be reached: by the calls that are made, and without traffic by a probe,
 * which opens a TCP connection, with TLS if the URL is https. A probe needs no request, no key and
 * no budget.
 */
export function createReachability({
  baseUrl,
  connect = probe,
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

function addressOf({ protocol, hostname, port }: URL): Address {
  const defaultPort = protocol === 'https:' ? 443 : 80;
  return {
    // A URL has brackets around an IPv6 address, `connect` takes it without them.
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? defaultPort : Number(port),
    tls: protocol === 'https:',
  };
}

function probe({ host, port, tls }: Address, setTimer: SetTimer): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // Server Name Indication takes a name, never an address.
  const servername = isIP(host) === 0 ? host : '';
  const socket = tls
    ? connectTls({ host, port, servername }, resolve)
    : connectTcp({ host, port }, resolve);
  const cancel = setTimer(connectTimeoutMs, () => {
    reject(Object.assign(new Error('No connection in time'), { code: 'ETIMEDOUT' }));
  });
  socket.once('error', reject);
  return promise.finally(() => {
    cancel();
    socket.destroy();
  });
}
