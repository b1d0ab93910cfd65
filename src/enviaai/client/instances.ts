import { type Clock, type SetTimer, systemClock } from '#src/domain/clock.ts';
import { Failure } from '#src/domain/failure.ts';
import type { OnUnreadable } from '#src/domain/read-field.ts';
import {
  type InstanceResponse,
  instanceResponseOf,
  notFoundResponse,
  type ListResponse,
  listResponseOf,
  type ListQuery,
} from '#src/enviaai/response/list-response.ts';
import { readCached } from './cached-response.ts';
import { isPathSegment } from './call-kinds.ts';
import type { CallCredentials, CallReport } from './call-report.ts';
import { call, type Transport } from './call.ts';
import { createDispatchers } from './dispatchers.ts';
import { createLineState, type EnviaaiLineState } from './line-states.ts';
import { createWrites, type EnviaaiWrites } from './writes.ts';

export {
  type InstanceResponse,
  type ListResponse,
  type ListQuery,
  parseInstanceResponse,
  parseListResponse,
} from '#src/enviaai/response/list-response.ts';
export type { CallCredentials, CallReport } from './call-report.ts';
export type { EnviaaiLineState } from './line-states.ts';
export type { EnviaaiWrites } from './writes.ts';
export type { RateLimitHeaders } from '#src/enviaai/response/rate-limit-headers.ts';

/** EnviaAI's instance endpoints. Every method rejects with a `Failure` only, and never retries. */
export interface Enviaai extends EnviaaiWrites, EnviaaiLineState {
  /**
   * One page of the account. Returns `known`, an earlier response to the same query, without
   * parsing if the bytes of the body are equal.
   */
  list(caller: CallCredentials, query: ListQuery, known?: ListResponse): Promise<ListResponse>;
  /** One instance; its row is null if EnviaAI has none with this id. `known` as for a list. */
  get(caller: CallCredentials, id: string, known?: InstanceResponse): Promise<InstanceResponse>;
  /** Resolves when the calls in flight have ended; later calls are rejected. */
  close(): Promise<void>;
}

export interface EnviaaiOptions {
  /** With or without a path and a trailing slash. */
  readonly baseUrl: URL;
  /** The proxy for all calls. Default: none. */
  readonly proxy?: URL | null;
  /** For one call: connecting, headers and body together. */
  readonly timeoutMs: number;
  /** Called after every HTTP call, whatever its outcome. */
  readonly onCall?: (call: CallReport) => void;
  /** Called for each value of a response that cannot be read; not for a `known` response. */
  readonly onUnreadable?: OnUnreadable;
  /** Default: the machine's clocks. */
  readonly now?: Clock['now'];
  readonly wall?: Clock['wall'];
  /** For timeouts. Default: the machine's timers. */
  readonly setTimer?: SetTimer;
}

/** Time for the report of a call that took as long as possible. */
const reportMs = 3000;

/** The longest that a call can last: on a stale connection and then on a new one. */
export const longestCallMs = (timeoutMs: number): number => 2 * timeoutMs + reportMs;

export function createEnviaai(options: EnviaaiOptions): Enviaai {
  const { baseUrl, proxy = null, timeoutMs } = options;
  const { onCall = () => {}, onUnreadable = () => {} } = options;
  const { now, wall, setTimer } = { ...systemClock, ...options };
  const { origin } = baseUrl;
  const { close, ...dispatchers } = createDispatchers({ origin, proxy, timeoutMs, now });
  const transport: Transport = {
    basePath: baseUrl.pathname.replace(/\/+$/, ''),
    ...dispatchers,
    origin,
    timeoutMs,
    onCall,
    onUnreadable,
    now,
    wall,
    setTimer,
  };
  let closed: Promise<void> | undefined;

  return {
    ...createWrites(transport),
    ...createLineState(transport),

    list(caller, query, known) {
      const parse = (bytes: Buffer, json: unknown) =>
        listResponseOf(bytes, json, query, onUnreadable);
      const reader = { known, notFound: null, parse };
      return call(transport, {
        kind: 'list',
        caller,
        search: searchOf(query),
        read: (...response) => readCached(reader, ...response),
      });
    },

    async get(caller, id, known) {
      if (!isPathSegment(id)) return notFoundResponse;
      const parse = (bytes: Buffer, json: unknown) =>
        withId(id, instanceResponseOf(bytes, json, onUnreadable));
      const reader = { known, notFound: notFoundResponse, parse };
      return call(transport, {
        kind: 'get',
        caller,
        id,
        read: (...response) => readCached(reader, ...response),
      });
    },

    close() {
      closed ??= close();
      return closed;
    },
  };
}

const searchOf = ({ status, limit, offset }: ListQuery): string =>
  `status=${status}&limit=${limit}&offset=${offset}`;

/** Throws if the response is another instance. */
function withId(id: string, response: InstanceResponse): InstanceResponse {
  if (response.row?.key === id) return response;
  throw new Failure('malformed', 'EnviaAI responded with another instance');
}
