import { Pool } from 'undici';
import { type Clock, type SetTimer, systemClock } from '#src/domain/clock.ts';
import { Failure } from '#src/domain/failure.ts';
import {
  type InstanceResponse,
  instanceResponseOf,
  notFoundResponse,
  type ListResponse,
  listResponseOf,
  type ListQuery,
} from '#src/enviaai/response/list-response.ts';
import type { CallCredentials, CallReport } from './call-report.ts';
import { call, type Transport } from './call.ts';
import { createStaleConnections } from './stale-connections.ts';

export {
  type InstanceResponse,
  type ListResponse,
  type ListQuery,
  parseInstanceResponse,
  parseListResponse,
} from '#src/enviaai/response/list-response.ts';
export type { CallCredentials, CallReport } from './call-report.ts';
export type { RateLimitHeaders } from '#src/enviaai/response/rate-limit-headers.ts';

/** EnviaAI's instance endpoints. Every method rejects with a `Failure` only, and never retries. */
export interface Enviaai {
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
  /** For one call: connecting, headers and body together. */
  readonly timeoutMs: number;
  /** Called after every HTTP call, whatever its outcome. */
  readonly onCall?: (call: CallReport) => void;
  /** Default: the machine's clocks. */
  readonly now?: Clock['now'];
  readonly wall?: Clock['wall'];
  /** For timeouts. Default: the machine's timers. */
  readonly setTimer?: SetTimer;
}

/** Concurrent calls of all keys together; further calls wait within their timeout. */
const maxConnections = 256;

/** Concurrent calls that need a new connection, in addition. */
const maxUnpooledConnections = 64;

/** Time for the report of a call that took as long as possible. */
const reportMs = 3000;

/** The longest that a call can last: on a stale connection and then on a new one. */
export const longestCallMs = (timeoutMs: number): number => 2 * timeoutMs + reportMs;

export function createEnviaai(options: EnviaaiOptions): Enviaai {
  const { baseUrl, timeoutMs, onCall = () => {} } = options;
  const { now, wall, setTimer } = { ...systemClock, ...options };
  const { connect, isStaleConnectionError } = createStaleConnections(timeoutMs);
  // HTTP/1.1 only: HTTP/2 is not tested.
  const settings = { connect, allowH2: false };
  const pooled = new Pool(baseUrl.origin, { ...settings, connections: maxConnections });
  // Without keep-alive: after one stale connection, the others in the pool may be stale too.
  const unpooled = new Pool(baseUrl.origin, {
    ...settings,
    connections: maxUnpooledConnections,
    pipelining: 0,
  });
  const transport: Transport = {
    pooled,
    unpooled,
    isStaleConnectionError,
    timeoutMs,
    onCall,
    now,
    wall,
    setTimer,
  };
  const root = `${baseUrl.pathname.replace(/\/+$/, '')}/instances`;
  let closed: Promise<void> | undefined;

  return {
    list(caller, query, known) {
      const parse = (bytes: Buffer, json: unknown) => listResponseOf(bytes, json, query);
      const path = `${root}?${searchOf(query)}`;
      return call(transport, { kind: 'list', caller, path, known, notFound: null, parse });
    },

    async get(caller, id, known) {
      if (!isPathSegment(id)) return notFoundResponse;
      const parse = (bytes: Buffer, json: unknown) => withId(id, instanceResponseOf(bytes, json));
      const path = `${root}/${encodeURIComponent(id)}`;
      const notFound = notFoundResponse;
      return call(transport, { kind: 'get', caller, path, known, notFound, parse });
    },

    close() {
      closed ??= closeAll([pooled, unpooled]);
      return closed;
    },
  };
}

async function closeAll(pools: readonly Pool[]): Promise<void> {
  await Promise.all(pools.map((pool) => pool.close()));
}

const searchOf = ({ status, limit, offset }: ListQuery): string =>
  `status=${status}&limit=${limit}&offset=${offset}`;

/** An empty id, or one of dots, would be the path of another resource: the list, or its parent. */
function isPathSegment(id: string): boolean {
  return id.isWellFormed() && !/^\.{0,2}$/.test(id);
}

/** Throws if the response is another instance. */
function withId(id: string, response: InstanceResponse): InstanceResponse {
  if (response.row?.key === id) return response;
  throw new Failure('malformed', 'EnviaAI responded with another instance');
}
