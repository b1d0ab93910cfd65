import { Failure } from '#src/domain/failure.ts';
import type { OnUnreadable } from '#src/domain/read-field.ts';
import type { Row, StatusFilter } from '#src/domain/row.ts';
import { rowOf } from './instance-row.ts';
import { booleanOf, countOf, type Fields, isFields, jsonOf } from './json-fields.ts';

export interface ListQuery {
  readonly status: StatusFilter;
  /** 1 to 100 [S]. */
  readonly limit: number;
  readonly offset: number;
}

/** One page of the account. Frozen, except for the bytes. */
export interface ListResponse {
  /** The decompressed body; {@link parseListResponse} parses it to an equal response. */
  readonly bytes: Buffer;
  /** At most `limit` rows. */
  readonly rows: readonly Row[];
  readonly total: number;
  readonly hasMore: boolean;
}

/** One row. Frozen, except for the bytes. */
export interface InstanceResponse {
  /** The decompressed body; if there is no such instance, always those of `notFoundResponse`. */
  readonly bytes: Buffer;
  /** Null: there is no instance with this id. */
  readonly row: Row | null;
}

/** Replaces EnviaAI's 404 response, which contains a request id, so that no two would be equal. */
export const notFoundResponse: InstanceResponse = Object.freeze({
  bytes: Buffer.from('{"success":false,"error":{"code":"instance_not_found"}}'),
  row: null,
});

/** For responses whose unreadable values were reported when EnviaAI sent them. */
const isReported: OnUnreadable = () => {};

/** Parses the bytes of a page. Throws a `malformed` {@link Failure} if they are not a page. */
export function parseListResponse(bytes: Buffer, query: ListQuery): ListResponse {
  return listResponseOf(bytes, jsonOf(bytes), query, isReported);
}

/** Parses the bytes of a row. Throws a `malformed` {@link Failure} if they are not a row. */
export function parseInstanceResponse(bytes: Buffer): InstanceResponse {
  return bytes.equals(notFoundResponse.bytes)
    ? notFoundResponse
    : instanceResponseOf(bytes, jsonOf(bytes), isReported);
}

export function listResponseOf(
  bytes: Buffer,
  json: unknown,
  query: ListQuery,
  onUnreadable: OnUnreadable,
): ListResponse {
  const data = isFields(json) ? json['data'] : undefined;
  const pagination = isFields(json) ? json['pagination'] : undefined;
  if (!Array.isArray(data) || !isFields(pagination)) {
    throw new Failure('malformed', 'The response of EnviaAI is not a page of instances');
  }
  const rows: readonly Row[] = Object.freeze(
    data.slice(0, query.limit).map((row) => rowOf(row, onUnreadable)),
  );
  const { total, hasMore } = pagination;
  if (totalOf(total) === null) onUnreadable('pagination.total');
  if (booleanOf(hasMore) === null) onUnreadable('pagination.hasMore');
  return Object.freeze({ bytes, rows, ...extentOf(pagination, data.length, query) });
}

export function instanceResponseOf(
  bytes: Buffer,
  json: unknown,
  onUnreadable: OnUnreadable,
): InstanceResponse {
  const data = isFields(json) ? json['data'] : undefined;
  if (!isFields(data)) {
    throw new Failure('malformed', 'The response of EnviaAI is not an instance');
  }
  return Object.freeze({ bytes, row: rowOf(data, onUnreadable) });
}

/** The maximum of GraphQL's `Int`. A larger total is ignored. */
const maxTotal = 2 ** 31 - 1;

function totalOf(value: unknown): number | null {
  const total = countOf(value);
  return total !== null && total <= maxTotal ? total : null;
}

/**
 * The total, and whether rows follow. EnviaAI's values are used, `hasMore` before `total`, unless
 * the rows contradict them: a page that is not full and ends exactly at the total has no more, and
 * one that is not full and has no more ends at the total. Missing values are derived from the
 * others. If nothing decides, a full page has more: that costs a call, but no row.
 */
function extentOf(
  pagination: Fields,
  rowCount: number,
  { limit, offset }: ListQuery,
): Pick<ListResponse, 'total' | 'hasMore'> {
  const total = totalOf(pagination['total']);
  const reportsMore = booleanOf(pagination['hasMore']);
  // After the end of the list, no row contradicts a total below the offset.
  if (rowCount === 0) {
    const isEmptyList = offset === 0 && reportsMore === false;
    return { total: isEmptyList ? 0 : (total ?? offset), hasMore: false };
  }

  const end = offset + rowCount;
  const hasRowsAfter = total === null ? rowCount >= limit : end < total;
  const endsAtTotal = rowCount < limit && end === total;
  const hasMore = rowCount > limit || (!endsAtTotal && (reportsMore ?? hasRowsAfter));
  if (rowCount < limit && reportsMore === false) return { total: end, hasMore: false };
  const minTotal = hasMore && rowCount <= limit ? end + 1 : end;
  return { total: total === null ? minTotal : Math.max(total, end), hasMore };
}
