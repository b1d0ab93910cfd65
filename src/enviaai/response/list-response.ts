import { Failure } from '#src/domain/failure.ts';
import type { Row, StatusFilter } from '#src/domain/row.ts';
import { rowOf } from './instance-row.ts';
import { booleanOf, countOf, type Fields, isFields, jsonOf } from './json-fields.ts';

export interface ListQuery {
  readonly status: StatusFilter;
  /** 1 to 100 [S]. */
  readonly limit: number;
  readonly offset: number;
}

/** One page of the account. Frozen, but for the bytes. */
export interface ListResponse {
  /** The body, expanded: {@link parseListResponse} makes the same answer of it again. */
  readonly bytes: Buffer;
  /** At most as many as were asked for. */
  readonly rows: readonly Row[];
  readonly total: number;
  readonly hasMore: boolean;
}

/** One row. Frozen, but for the bytes. */
export interface InstanceResponse {
  /** The body, expanded; the same few bytes for every answer that there is no such row. */
  readonly bytes: Buffer;
  /** Null: the vendor has none of this id. */
  readonly row: Row | null;
}

/** The answer that there is none. The vendor's own carries a request id, so that no two were equal. */
export const notFoundResponse: InstanceResponse = Object.freeze({
  bytes: Buffer.from('{"success":false,"error":{"code":"instance_not_found"}}'),
  row: null,
});

/** Reads a page again from its bytes. Throws a `malformed` {@link Failure} if they are none. */
export function parseListResponse(bytes: Buffer, query: ListQuery): ListResponse {
  return listResponseOf(bytes, jsonOf(bytes), query);
}

/** Reads a row's answer again from its bytes. Throws a `malformed` {@link Failure} if they are none. */
export function parseInstanceResponse(bytes: Buffer): InstanceResponse {
  return bytes.equals(notFoundResponse.bytes)
    ? notFoundResponse
    : instanceResponseOf(bytes, jsonOf(bytes));
}

export function listResponseOf(bytes: Buffer, json: unknown, query: ListQuery): ListResponse {
  const data = isFields(json) ? json['data'] : undefined;
  const pagination = isFields(json) ? json['pagination'] : undefined;
  if (!Array.isArray(data) || !isFields(pagination)) {
    throw new Failure('malformed', "The vendor's answer is not a page of instances");
  }
  const rows: readonly Row[] = Object.freeze(data.slice(0, query.limit).map(rowOf));
  return Object.freeze({ bytes, rows, ...extentOf(pagination, data.length, query) });
}

export function instanceResponseOf(bytes: Buffer, json: unknown): InstanceResponse {
  const data = isFields(json) ? json['data'] : undefined;
  if (!isFields(data)) {
    throw new Failure('malformed', "The vendor's answer is not an instance");
  }
  return Object.freeze({ bytes, row: rowOf(data) });
}

/** No account has more, and GraphQL's `Int` holds no more: a total beyond it is as good as none. */
const mostRows = 2 ** 31 - 1;

/**
 * How long the list is and whether it goes on. What the vendor says holds, `hasMore` before `total`, unless the rows
 * themselves show otherwise, or a page that is not full ends exactly at the total; what it does not say follows from
 * the rest. Where nothing tells, a full page goes on: one call too many, but no row lost.
 */
export function extentOf(
  pagination: Fields,
  given: number,
  { limit, offset }: ListQuery,
): Pick<ListResponse, 'total' | 'hasMore'> {
  const told = countOf(pagination['total']);
  const total = told !== null && told <= mostRows ? told : null;
  // Past the end nothing contradicts a total below the offset.
  if (given === 0) return { total: total ?? offset, hasMore: false };

  const seen = offset + given;
  const follows = total === null ? given >= limit : seen < total;
  const ends = given < limit && seen === total;
  const hasMore = given > limit || (!ends && (booleanOf(pagination['hasMore']) ?? follows));
  const least = hasMore && given <= limit ? seen + 1 : seen;
  return { total: total === null ? least : Math.max(total, seen), hasMore };
}
