import { Pool } from 'undici';
import { Failure } from '#src/domain/failure.ts';
import {
  type InstanceResponse,
  instanceResponseOf,
  notFoundResponse,
  type ListResponse,
  listResponseOf,
  type ListQuery,
} from '#src/enviaai/response/list-response.ts';
import { createConnector } from './stale-connections.ts';
import { call, type CallCredentials, type CallReport, type Transport } from './call.ts';

export {
  type InstanceResponse,
  type ListResponse,
  type ListQuery,
  parseInstanceResponse,
  parseListResponse,
} from '#src/enviaai/response/list-response.ts';
export type { CallCredentials, CallReport } from './call.ts';
export type { RateLimitHeaders } from '#src/enviaai/response/rate-limit-headers.ts';

/** The vendor's instance endpoints. Everything rejects with a `Failure`, and nothing is tried twice. */
export interface Enviaai {
  /**
   * One page of the account. `known`, an earlier answer to the same query, is returned itself, unparsed,
   * where the body's bytes are the same.
   */
  list(caller: CallCredentials, query: ListQuery, known?: ListResponse): Promise<ListResponse>;
  /** One instance; its row is null when the vendor has none of this id. `known` as for a list. */
  get(caller: CallCredentials, id: string, known?: InstanceResponse): Promise<InstanceResponse>;
  /** Waits for the calls in flight, and takes no more. */
  close(): Promise<void>;
}

export interface EnviaaiOptions {
  /** With or without a path and a slash at its end. */
  readonly baseUrl: URL;
  /** For one call: connecting, headers and body together. */
  readonly timeoutMs: number;
  /** Told of every HTTP call, when it has ended, however it did. */
  readonly onCall?: (call: CallReport) => void;
  readonly now?: () => number;
}

/** Calls that run at the same time, of all keys together; more of them wait within their timeout. */
const maxConnections = 256;

/** Of those, calls sent again on a connection of their own. */
const maxFresh = 64;

export function createEnviaai(options: EnviaaiOptions): Enviaai {
  const { baseUrl, timeoutMs, onCall = () => {}, now = Date.now } = options;
  // One protocol, the one that is tested.
  const settings = { connect: createConnector(timeoutMs), allowH2: false };
  const pool = new Pool(baseUrl.origin, { ...settings, connections: maxConnections });
  // Without keep-alive: where a kept connection turned out to be closed, the others may be too.
  const fresh = new Pool(baseUrl.origin, { ...settings, connections: maxFresh, pipelining: 0 });
  const line: Transport = { dispatcher: pool, fresh, timeoutMs, onCall, now };
  const root = `${baseUrl.pathname.replace(/\/+$/, '')}/instances`;
  let closed: Promise<void> | undefined;

  return {
    list(caller, query, known) {
      const read = (bytes: Buffer, json: unknown) => listResponseOf(bytes, json, query);
      const path = `${root}?${searchOf(query)}`;
      return call(line, { kind: 'list', caller, path, known, gone: null, read });
    },

    async get(caller, id, known) {
      if (!isSegment(id)) return notFoundResponse;
      const read = (bytes: Buffer, json: unknown) => only(id, instanceResponseOf(bytes, json));
      const path = `${root}/${encodeURIComponent(id)}`;
      return call(line, { kind: 'get', caller, path, known, gone: notFoundResponse, read });
    },

    close() {
      closed ??= closeAll([pool, fresh]);
      return closed;
    },
  };
}

async function closeAll(pools: readonly Pool[]): Promise<void> {
  await Promise.all(pools.map((pool) => pool.close()));
}

const searchOf = ({ status, limit, offset }: ListQuery): string =>
  `status=${status}&limit=${limit}&offset=${offset}`;

/** Whether an id can stand in a path. Empty or of dots it would name another resource: the list, or its parent. */
function isSegment(id: string): boolean {
  return id.isWellFormed() && !/^\.{0,2}$/.test(id);
}

/** Another instance than the one asked for is no answer. */
function only(id: string, answer: InstanceResponse): InstanceResponse {
  if (answer.row?.key === id) return answer;
  throw new Failure('malformed', 'The vendor answered with another instance');
}
