import type { Instance } from '#src/domain/instance.ts';

/** An instance as it was sent, and as it is. */
export interface ChangedInstance {
  readonly was: Instance;
  readonly is: Instance;
}

/**
 * The instances whose change the operation shows. `write` is the result of the operation for some
 * of them: while the results before and after differ, their halves are compared. Many changes that
 * no client sees, such as `lastSeenAt` of every row, cost two executions.
 */
export async function differingRows(
  changes: readonly ChangedInstance[],
  write: (instances: readonly Instance[]) => Promise<string>,
): Promise<readonly ChangedInstance[]> {
  if (changes.length === 0) return [];
  const before = await write(changes.map(({ was }) => was));
  const after = await write(changes.map(({ is }) => is));
  if (before === after) return [];
  if (changes.length === 1) return changes;
  const middle = changes.length >> 1;
  const first = await differingRows(changes.slice(0, middle), write);
  return [...first, ...(await differingRows(changes.slice(middle), write))];
}
