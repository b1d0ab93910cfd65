import { limitExceeded } from '#src/graphql/errors.ts';

/** Rejects a list of more ids than `MAX_IDS`, before any of them is looked up. */
export function checkIds(ids: readonly unknown[], maxIds: number): void {
  if (ids.length <= maxIds) return;
  throw limitExceeded('MAX_IDS', `One list can have at most ${maxIds} ids.`);
}
