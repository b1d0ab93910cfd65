import { buildConnector, type Dispatcher, Pool } from 'undici';
import { createProxyAgent } from './proxy-agent.ts';
import { createStaleConnections } from './stale-connections.ts';

/** Concurrent calls of all keys together; further calls wait within their timeout. */
const maxConnections = 256;

/** Concurrent calls that need a new connection, in addition. */
const maxUnpooledConnections = 64;

export interface DispatchersOptions {
  readonly origin: string;
  /** Null: connections are direct. */
  readonly proxy: URL | null;
  readonly timeoutMs: number;
  readonly now: () => number;
}

export interface Dispatchers {
  /** Kept-alive connections. */
  readonly pooled: Dispatcher;
  /** Opens a new connection for each call. */
  readonly unpooled: Dispatcher;
  /** Whether a request failed because its kept-alive connection had been closed before. */
  readonly isStaleConnectionError: (error: Error) => boolean;
  readonly close: () => Promise<void>;
}

/** The connections to EnviaAI, direct or through a proxy, with the same limits. */
export function createDispatchers(options: DispatchersOptions): Dispatchers {
  const { origin, proxy, timeoutMs, now } = options;
  const { watch, isStaleConnectionError } = createStaleConnections(now);
  const create = (limits: Pool.Options, wrap: typeof watch): Dispatcher => {
    // HTTP/1.1 only: HTTP/2 is not tested.
    const pool = { ...limits, allowH2: false };
    if (proxy) return createProxyAgent({ proxy, timeoutMs, pool, wrap });
    return new Pool(origin, { ...pool, connect: wrap(buildConnector({ timeout: timeoutMs })) });
  };
  const pooled = create({ connections: maxConnections }, watch);
  // Without keep-alive: after one stale connection, the others in the pool may be stale too.
  // Not watched: a connection for one request is never stale.
  const unpooled = create(
    { connections: maxUnpooledConnections, pipelining: 0 },
    (connect) => connect,
  );
  return {
    pooled,
    unpooled,
    isStaleConnectionError,
    async close() {
      await Promise.all([pooled.close(), unpooled.close()]);
    },
  };
}
