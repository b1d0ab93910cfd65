import type { Instance } from '#src/domain/instance.ts';
import { rowsById } from '#src/reading/pages/rows-by-id.ts';
import type { ReadSession } from '#src/reading/session/read-session.ts';

const anyTime = Number.NEGATIVE_INFINITY;

/** An instance as the newest cached page has it that is not expired; costs no call. */
export function cachedInstance({ pages }: ReadSession, id: string): Instance | null {
  const sources = [
    ...pages.usable('all', anyTime).flatMap(({ rows, sentAt }) => {
      const row = rowsById(rows).get(id);
      return row ? [{ row, sentAt }] : [];
    }),
    ...[pages.single(id, 'usable')].filter((single) => single !== undefined),
  ];
  const [newest] = sources.toSorted((a, b) => b.sentAt - a.sentAt);
  return newest?.row?.instance ?? null;
}
