import type { Instance } from '#src/domain/instance.ts';
import type { Row } from '#src/domain/row.ts';

/**
 * The rows of a page, where every row that equals the earlier one of the same key is the earlier
 * object; the earlier array, where all of them are. What is memoized for a row or an array of rows
 * then stays valid, and a changed row is found by comparing references.
 */
export function withRowIdentity(before: readonly Row[], after: readonly Row[]): readonly Row[] {
  // EnviaAI sent equal bytes.
  if (before === after) return before;
  const byKey = new Map(before.map((row) => [row.key, row]));
  const rows = after.map((row) => {
    const known = byKey.get(row.key);
    return known && isEqualRow(known, row) ? known : row;
  });
  const isUnchanged = rows.length === before.length && rows.every((row, at) => row === before[at]);
  return isUnchanged ? before : Object.freeze(rows);
}

/** Whether two rows of one key show the same. */
export function isEqualRow({ instance: a }: Row, { instance: b }: Row): boolean {
  // The key of a row that cannot be read is a digest of its JSON.
  if (a === null || b === null) return a === b;
  return (
    hasEqualScalars(a, b) &&
    a.settings?.autoRead === b.settings?.autoRead &&
    a.settings?.autoTyping === b.settings?.autoTyping &&
    hasEqualEvents(a, b)
  );
}

const hasEqualScalars = (a: Instance, b: Instance): boolean =>
  a.name === b.name &&
  a.phone === b.phone &&
  a.status === b.status &&
  a.profileName === b.profileName &&
  a.profilePicUrl === b.profilePicUrl &&
  a.createdAt === b.createdAt &&
  a.lastSeenAt === b.lastSeenAt &&
  a.webhookUrl === b.webhookUrl;

function hasEqualEvents({ webhookEvents: a }: Instance, { webhookEvents: b }: Instance): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every((event, at) => event === b[at]);
}
