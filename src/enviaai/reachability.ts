import { connect as connectTcp } from 'node:net';

export type ReachabilityState = 'reachable' | 'unreachable';

export interface ReachabilityParts {
  readonly baseUrl: URL;
  /** Resolves when a TCP connection was made, rejects when none could be. */
  readonly connect?: (address: { readonly host: string; readonly port: number }) => Promise<void>;
  readonly now?: () => number;
  /** Calls again and again, until the function it returns is called. */
  readonly every?: (ms: number, call: () => void) => () => void;
}

export interface Reachability {
  readonly last: () => ReachabilityState;
  /** Calls tell what they met: as long as they do, nothing else is tried. */
  readonly report: (what: ReachabilityState) => void;
  /** Tries for the first time, and goes on every 5 s of silence. Never rejects. */
  readonly start: () => Promise<void>;
  readonly stop: () => void;
}

const silenceMs = 5000;
const connectTimeoutMs = 1000;

/**
 * Whether the upstream can be reached, known without any traffic: where no call tells,
 * a connection is opened and closed again. That takes no request, no key and no budget.
 */
export function createReachability({
  baseUrl,
  connect = openAndClose,
  now = Date.now,
  every = everyInBackground,
}: ReachabilityParts): Reachability {
  const secure = baseUrl.protocol === 'https:';
  const address = {
    // An IPv6 address stands in brackets in a URL, and without them here.
    host: baseUrl.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: baseUrl.port === '' ? (secure ? 443 : 80) : Number(baseUrl.port),
  };
  let last: ReachabilityState = 'unreachable';
  let heardAt = Number.NEGATIVE_INFINITY;
  let stopTrying = () => {};

  const hear = (what: ReachabilityState, at: number) => {
    last = what;
    heardAt = at;
  };
  const attempt = async () => {
    const startedAt = now();
    const met = await connect(address).then(
      () => 'reachable' as const,
      () => 'unreachable' as const,
    );
    // A call that told something meanwhile knows better.
    if (heardAt < startedAt) hear(met, startedAt);
  };

  return {
    last: () => last,
    report: (what) => hear(what, now()),
    async start() {
      stopTrying = every(silenceMs, () => {
        if (now() - heardAt >= silenceMs) void attempt();
      });
      await attempt();
    },
    stop: () => stopTrying(),
  };
}

function openAndClose(address: { readonly host: string; readonly port: number }): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connectTcp(address, resolve);
  socket.setTimeout(connectTimeoutMs, () => reject(new Error('No connection in time')));
  socket.once('error', reject);
  return promise.finally(() => socket.destroy());
}

function everyInBackground(ms: number, call: () => void): () => void {
  const timer = setInterval(call, ms).unref();
  return () => clearInterval(timer);
}
