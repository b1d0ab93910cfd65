import type { Page } from '#src/domain/page.ts';
import type { Row } from '#src/domain/row.ts';

const known = new WeakMap<readonly Row[], ReadonlyMap<string, Row>>();

/** A page's rows by their keys; made once for as long as the rows stay the same. */
export function rowsById({ rows }: Page): ReadonlyMap<string, Row> {
  const made = known.get(rows) ?? new Map(rows.map((row) => [row.key, row]));
  known.set(rows, made);
  return made;
}
