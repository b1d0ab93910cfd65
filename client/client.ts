import { type Token, sendQuery } from './connection.ts';
import { type LinkEvent, connect } from './linking.ts';
import { type InstanceReads, type SendQuery, createReads } from './instances.ts';
import {
  type MayRetry,
  type Retry,
  type Sleep,
  anyFailure,
  onlyRateLimits,
  sleep as platformSleep,
  withRetry,
} from './retry.ts';
import { createWatch } from './watch.ts';
import type { WatchOptions, WatchedList } from './watched-list.ts';
import { type InstanceWrites, type WriteOptions, createWrites } from './writes.ts';

export type { Answered, EnviaaiExtensions, Token } from './connection.ts';
export { EnviaaiError, type ErrorCode, type UserError } from './error.ts';
export type {
  CreateInstanceInput,
  InstanceSettingsInput,
  UpdateInstanceInput,
} from './generated.ts';
export type {
  AllOptions,
  AskOptions,
  Instance,
  InstanceDetails,
  InstanceList,
  InstanceStatusFilter,
  ListOptions,
} from './instances.ts';
export type { LinkEvent, LinkOutcome } from './linking.ts';
export type { Retry, Sleep } from './retry.ts';
export type { InstanceStatus } from './status.ts';
export type { WatchOptions, WatchedList } from './watched-list.ts';
export type { DisconnectOptions, UpdatedInstance, WriteOptions, Written } from './writes.ts';

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
  /** Waits before a retry, and for a stream that is silent. Default: a timer. */
  readonly sleep?: Sleep | undefined;
  /** Spreads the reconnects of streams: from 0 to 1. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
}

export interface Instances extends InstanceReads, InstanceWrites {
  /**
   * Links an instance to a phone: yields its QR code, each new one, and last how it ended. Leaving
   * the loop ends the stream, not the attempt. One stream, whose codes cost about three requests to
   * EnviaAI a minute for all screens together.
   */
  readonly connect: (
    id: string,
    options?: WriteOptions,
  ) => AsyncGenerator<LinkEvent, void, undefined>;
  /**
   * The list of instances: yields it at once, and again when something in it has changed. Who reads
   * slowly gets the newest list. Equal watches of a client share one stream. While there is none, the
   * list is polled. Rejects with the signal's reason.
   */
  readonly watch: (options?: WatchOptions) => AsyncGenerator<WatchedList, void, undefined>;
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

  const sendWith =
    (isWrite: boolean, mayRetry: MayRetry): SendQuery =>
    (query, variables, { signal, fresh = false }) =>
      withRetry(
        () => sendQuery(connection, { query, variables, fresh, signal, isWrite }),
        retryOptions,
        mayRetry,
        (ms) => sleep(ms, signal),
      );
  const sendWrite = sendWith(true, onlyRateLimits);
  const { random = Math.random } = options;
  const hasStreams = options.fetch ? () => true : platformHasStreams;
  const streaming = { connection, sleep, random, hasStreams };
  const linking = { ...streaming, sendWrite };
  const reads = createReads(sendWith(false, anyFailure));
  return {
    instances: {
      ...reads,
      ...createWrites(sendWrite),
      connect: (id, { signal } = {}) => connect(linking, id, { signal }),
      watch: createWatch({ ...streaming, pages: reads.pages }),
    },
  };
}

/** React Native's `fetch` returns a response when it is complete, and has no streams. */
const platformHasStreams = (): boolean =>
  typeof Response === 'undefined' || 'body' in Response.prototype;
