import type { Row } from '#src/domain/row.ts';

export type CreationOrder = 'ascending' | 'descending';

/** An order by creation shows only where enough times differ. */
const enoughTimes = 20;

export function createdAtMsOf(row: Row | undefined): number | null {
  const createdAt = createdAtOf(row);
  return createdAt === null ? null : Date.parse(createdAt);
}

/** Of one form and one zone, these are in the order of their times: parsing a page of them would take longer than all else here. */
function createdAtOf(row: Row | undefined): string | null {
  const createdAt = row?.instance?.createdAt;
  return typeof createdAt === 'string' ? createdAt : null;
}

/** Which way rows are in the order of their creation; undefined: they are not, or too few to tell. */
export function creationOrderOf(rows: readonly Row[]): CreationOrder | undefined {
  const times = rows.flatMap((row) => createdAtOf(row) ?? []);
  if (times.length < rows.length || new Set(times).size < enoughTimes) return undefined;
  const runs = (holds: (before: string, after: string) => boolean) =>
    times.every((time, index) => index === 0 || holds(times[index - 1] ?? time, time));
  if (runs((before, next) => before <= next)) return 'ascending';
  if (runs((before, next) => before >= next)) return 'descending';
  return undefined;
}

/**
 * When the row at `index` was created, if its place can be found again by that: null where the page around
 * it is not in that order, or does not show the row between an older and a newer one. Where a row was an
 * exception to the order, what is left without it may look ordered.
 */
export function placeableTimeOf(rows: readonly Row[], index: number): number | null {
  if (index === 0 || index >= rows.length - 1) return null;
  const [before, time, after] = [index - 1, index, index + 1].map((at) => createdAtMsOf(rows[at]));
  if (before == null || time == null || after == null) return null;
  const isBetween = (before < time && time < after) || (before > time && time > after);
  return isBetween && creationOrderOf(rows) !== undefined ? time : null;
}
