import type { Row } from '#src/domain/row.ts';
import { isEqualRow } from '#src/reading/pages/row-identity.ts';
import { scansForProof } from './watched-rows.ts';

interface Known {
  row: Row;
  /** When the newest response with the row was requested, by the monotonic clock. */
  at: number;
  /** Complete scans that lacked the row, one after the other. */
  missedScans: number;
}

/** Ids that have left are remembered for longer than any response is under way. */
const rememberMs = 120_000;

/** The rows of one list. A response never replaces what a later one says. */
export interface KnownRows {
  readonly size: () => number;
  readonly get: (key: string) => Row | undefined;
  readonly keys: () => Iterable<string>;
  /** A response that was requested `at` has the row. */
  note(row: Row, at: number): void;
  /** A response that was requested `at` proves that the row is not in the list. */
  remove(key: string, at: number): void;
  /** A page that was requested `at` is the whole list. */
  noteWhole(keys: ReadonlySet<string>, at: number): void;
  /** A scan that began at `at` has read the whole list. */
  noteScan(keys: ReadonlySet<string>, at: number): void;
  /** Whether the last scan lacked a row that is not proved to be gone. */
  readonly isAnyMissed: () => boolean;
  /** Increases when the rows have changed. */
  readonly version: () => number;
}

export interface KnownRowsOptions {
  readonly now: () => number;
  /** Whether a row was created so lately that no page has to show it. */
  readonly isCreatedLately: (id: string) => boolean;
  /** A row is another one than it was. */
  readonly onChanged: (was: Row, is: Row) => void;
}

export function createKnownRows(options: KnownRowsOptions): KnownRows {
  const { now, isCreatedLately, onChanged } = options;
  const rows = new Map<string, Known>();
  const left = new Map<string, number>();
  let version = 0;

  function remove(key: string, at: number): void {
    const known = rows.get(key);
    if (!known || known.at > at) return;
    rows.delete(key);
    left.set(key, at);
    version += 1;
    for (const [id, leftAt] of left) if (leftAt < now() - rememberMs) left.delete(id);
  }
  /** Rows that a response lacks which began after they were last seen. */
  const missedBy = (keys: ReadonlySet<string>, at: number) =>
    [...rows].filter(([key, known]) => !keys.has(key) && known.at < at && !isCreatedLately(key));

  return {
    size: () => rows.size,
    get: (key) => rows.get(key)?.row,
    keys: () => rows.keys(),
    note(row, at) {
      const known = rows.get(row.key);
      if ((known?.at ?? left.get(row.key) ?? Number.NEGATIVE_INFINITY) > at) return;
      if (known && isEqualRow(known.row, row)) {
        known.at = at;
        known.missedScans = 0;
        return;
      }
      if (known) onChanged(known.row, row);
      rows.set(row.key, { row, at, missedScans: 0 });
      left.delete(row.key);
      version += 1;
    },
    remove,
    noteWhole(keys, at) {
      for (const [key] of missedBy(keys, at)) remove(key, at);
    },
    noteScan(keys, at) {
      for (const [key, known] of missedBy(keys, at)) {
        known.missedScans += 1;
        if (known.missedScans >= scansForProof) remove(key, at);
      }
    },
    isAnyMissed: () => rows.values().some(({ missedScans }) => missedScans > 0),
    version: () => version,
  };
}
