import { limitExceeded } from '#src/graphql/errors.ts';

/** Refuses a list of more ids than `MAX_IDS`, before any of them is looked up. */
export function checkIds(ids: readonly unknown[], most: number): void {
  if (ids.length <= most) return;
  throw limitExceeded('MAX_IDS', `At most ${most} ids can be asked for in one list.`);
}
