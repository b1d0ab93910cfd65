import { type Token, sendQuery } from './connection.ts';
import { type Instances, createInstances } from './instances.ts';
import { type Retry, type Sleep, sleep as platformSleep, withRetry } from './retry.ts';

export type { Answered, EnviaaiExtensions, Token } from './connection.ts';
export { EnviaaiError, type ErrorCode } from './error.ts';
export type {
  AllOptions,
  AskOptions,
  Instance,
  InstanceList,
  InstanceStatus,
  InstanceStatusFilter,
  Instances,
  ListOptions,
} from './instances.ts';
export type { Retry, Sleep } from './retry.ts';

export interface ClientOptions {
  /** The server's endpoint, such as `https://graph.example.com/graphql`. */
  readonly url: string;
  /**
   * An EnviaAI key on a server, a user's token in a browser. A function is called before each
   * request.
   */
  readonly token?: Token | undefined;
  /** Retries of calls that failed with a `retryAfter`; `false`: no retries. */
  readonly retry?: Retry | false | undefined;
  /** Default: the platform's `fetch`. */
  readonly fetch?: typeof fetch | undefined;
  /** Waits before a retry. Default: a timer. */
  readonly sleep?: Sleep | undefined;
}

export interface Client {
  readonly instances: Instances;
}

/**
 * Creates a client with the calls of EnviaAI's client library. Throws a TypeError without `url`.
 */
export function createClient(options: ClientOptions): Client {
  const { url, token, retry = {}, sleep = platformSleep } = options;
  // From JavaScript, `url` is often an environment variable that is not set.
  if (!url) throw new TypeError("createClient needs `url`, the server's endpoint.");
  // Looked up at each call, because a test or a tracer may replace it later. Called without a
  // receiver, because some platforms throw "Illegal invocation" otherwise.
  const send: typeof fetch = options.fetch ?? ((...args) => fetch(...args));
  const connection = { url, token, fetch: send };
  const retryOptions = retry === false ? { times: 0 } : retry;

  return {
    instances: createInstances((query, variables, { signal, fresh = false }) =>
      withRetry(
        () => sendQuery(connection, { query, variables, fresh, signal }),
        retryOptions,
        (ms) => sleep(ms, signal),
      ),
    ),
  };
}
