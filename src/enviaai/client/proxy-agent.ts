import { type buildConnector, type Dispatcher, Pool, ProxyAgent } from 'undici';

export interface ProxyAgentOptions {
  /** With its credentials: never log it. */
  readonly proxy: URL;
  /** For connecting to the proxy, and again for its answer to CONNECT. */
  readonly timeoutMs: number;
  /** Settings of the connections to the target. */
  readonly pool?: Pool.Options;
  /** Wraps the function that opens connections to the target. */
  readonly wrap?: (connect: buildConnector.connector) => buildConnector.connector;
}

/** The code of an error for a proxy that refuses CONNECT; its message has the proxy's status. */
const refusedCode = 'ERR_PROXY_REFUSED';

/**
 * Sends requests through a proxy: for https in a tunnel (CONNECT), so that the proxy reads nothing;
 * for http with the whole URL as target.
 */
export function createProxyAgent({
  proxy,
  timeoutMs,
  pool = {},
  wrap = (connect) => connect,
}: ProxyAgentOptions): Dispatcher {
  return new ProxyAgent({
    uri: proxy.href,
    connectTimeout: timeoutMs,
    // By default, undici would wait 5 minutes for a proxy that accepts CONNECT and is silent.
    clientFactory: (origin, options) => new Pool(origin, { ...options, headersTimeout: timeoutMs }),
    factory: (origin, options: object) =>
      new Pool(origin, { ...options, ...pool, connect: wrap(withReason(connectOf(options))) }),
  });
}

/** The function that undici's agent gives to its pools: it opens a connection through the proxy. */
function connectOf(options: object): buildConnector.connector {
  if ('connect' in options && isConnector(options.connect)) return options.connect;
  throw new TypeError('The agent has no function that opens connections');
}

const isConnector = (connect: unknown): connect is buildConnector.connector =>
  typeof connect === 'function';

/** Gives the error of a refused tunnel a code: undici's is that of any aborted request. */
const withReason =
  (connect: buildConnector.connector): buildConnector.connector =>
  (options, callback) =>
    connect(options, (...outcome) => {
      const [error] = outcome;
      const isRefusal = error && 'code' in error && error.code === 'UND_ERR_ABORTED';
      if (isRefusal) Object.assign(error, { code: refusedCode });
      callback(...outcome);
    });
