import { type Token, ask } from './connection.ts';
import { type Instances, createInstances } from './instances.ts';
import { type Retry, type Sleep, sleep as platformSleep, withRetry } from './retry.ts';

export type { Answered, Token } from './connection.ts';
export { EnviaaiError, type ErrorCode } from './error.ts';
export type {
  AllOptions,
  AskOptions,
  Instance,
  InstanceList,
  InstanceStatus,
  Instances,
  ListOptions,
} from './instances.ts';
export type { Retry, Sleep } from './retry.ts';

export interface ClientOptions {
  /** The server's endpoint, such as `https://graph.example.com/graphql`. */
  readonly url: string;
  /** An EnviaAI key on a server, a user's token in a browser. A function is asked for it before each request. */
  readonly token?: Token | undefined;
  /** Asking again where the server says when; `false`: never. */
  readonly retry?: Retry | false | undefined;
  /** The platform's, unless given. */
  readonly fetch?: typeof fetch | undefined;
  /** How a retry waits: by a timer, unless given. */
  readonly sleep?: Sleep | undefined;
}

export interface Client {
  readonly instances: Instances;
}

/** EnviaAI's client calls, answered by the graph. */
export function createClient(options: ClientOptions): Client {
  const { url, token, retry = {}, sleep = platformSleep } = options;
  // Often a variable of the environment that is not set.
  if (!url) throw new TypeError("createClient needs `url`, the server's endpoint");
  // Looked up at each call: a test, or a tracer, may replace the platform's later. Some platforms want it called bare.
  const send: typeof fetch = options.fetch ?? ((...request) => fetch(...request));
  const connection = { url, token, fetch: send };
  const bounds = retry === false ? { times: 0 } : retry;

  return {
    instances: createInstances((query, variables, { signal, fresh = false }) =>
      withRetry(
        () => ask(connection, { query, variables, fresh, signal }),
        bounds,
        (ms) => sleep(ms, signal),
      ),
    ),
  };
}
