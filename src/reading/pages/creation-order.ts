import type { Row } from '#src/domain/row.ts';

export type CreationOrder = 'ascending' | 'descending';

/** With fewer different times, rows can be in order of creation by chance. */
const minDifferentTimes = 20;

export function createdAtMsOf(row: Row | undefined): number | null {
  const createdAt = createdAtOf(row);
  return createdAt === null ? null : Date.parse(createdAt);
}

/**
 * As text: all have one form and time zone, so that their order is that of the times, and none is
 * parsed.
 */
function createdAtOf(row: Row | undefined): string | null {
  const createdAt = row?.instance?.createdAt;
  return typeof createdAt === 'string' ? createdAt : null;
}

/** The order of creation that rows are in; undefined: they are in none, or too few to decide. */
export function creationOrderOf(rows: readonly Row[]): CreationOrder | undefined {
  const times = rows.flatMap((row) => createdAtOf(row) ?? []);
  if (times.length < rows.length || new Set(times).size < minDifferentTimes) return undefined;
  const isSorted = (inOrder: (before: string, after: string) => boolean) =>
    times.every((time, index) => index === 0 || inOrder(times[index - 1] ?? time, time));
  if (isSorted((before, after) => before <= after)) return 'ascending';
  if (isSorted((before, after) => before >= after)) return 'descending';
  return undefined;
}

/**
 * The creation time of the row at `index`, where the row's place can be found by it; null where the
 * rows around it are in no order of creation, or do not show it between an older and a newer row.
 * Without a row that was an exception to the order, the remaining rows can look ordered.
 */
export function placeableTimeOf(rows: readonly Row[], index: number): number | null {
  if (index === 0 || index >= rows.length - 1) return null;
  const [before, time, after] = [index - 1, index, index + 1].map((at) => createdAtMsOf(rows[at]));
  if (before == null || time == null || after == null) return null;
  const isBetween = (before < time && time < after) || (before > time && time > after);
  return isBetween && creationOrderOf(rows) !== undefined ? time : null;
}
