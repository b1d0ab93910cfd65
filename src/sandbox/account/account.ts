import { generatedRow } from './grow.ts';
import { documentedRows, type VendorRow } from './vendor-row.ts';

export interface SandboxAccount {
  /** In the order in which they were added, unless a control added a row at an index. */
  rows(): readonly VendorRow[];
  find(id: string): VendorRow | undefined;
  /** The rows as the list shows them: as they were `lagMs` ago. */
  listedRows(): readonly VendorRow[];
  findListed(id: string): VendorRow | undefined;
  /** How much later than `find` the list shows a change. Changes made before are listed at once. */
  setLag(lagMs: number): void;
  /** Overwrites fields of the row with an id, which is in the account. `at` is the time of the change; the default is now. */
  update(id: string, fields: VendorRow, at?: number): VendorRow;
  /** `lastSeenAt` is an ISO 8601 date. `row` may be an older version of the row. */
  setLastSeenAt(row: VendorRow, lastSeenAt: string): void;
  /**
   * Adds generated rows with new ids; `fields` overwrites theirs, and `omit` names fields to
   * delete.
   */
  add(count: number, at: number, fields: VendorRow, omit: readonly string[]): readonly VendorRow[];
  /** Adds a new id's row at the end. */
  create(rowOf: (id: string) => VendorRow): VendorRow;
  remove(ids: ReadonlySet<unknown>): void;
}

/** The instances of one key. All accounts share `initialRows`, so a change copies the list. */
export function createAccount(
  initialRows: readonly VendorRow[],
  now: () => number,
): SandboxAccount {
  let rows = initialRows;
  let nextIndex = Math.max(initialRows.length, documentedRows.length);
  let lag = 0;
  /** Earlier versions of the list that it may still show, oldest first. */
  let earlier: { readonly rows: readonly VendorRow[]; readonly until: number }[] = [];

  const change = (next: readonly VendorRow[], at = now()) => {
    if (lag > 0) {
      forgetListed();
      earlier.push({ rows, until: at });
    }
    rows = next;
  };
  const forgetListed = () => {
    const shownAt = now() - lag;
    const first = earlier.findIndex(({ until }) => until > shownAt);
    earlier = first === -1 ? [] : earlier.slice(first);
  };
  const listedRows = () => {
    forgetListed();
    return earlier[0]?.rows ?? rows;
  };

  return {
    rows: () => rows,
    find: (id) => rows.find((row) => row.id === id),
    listedRows,
    findListed: (id) => listedRows().find((row) => row.id === id),
    setLag(lagMs) {
      lag = lagMs;
    },
    update(id, fields, at) {
      change(
        rows.map((row) => (row.id === id ? { ...row, ...fields } : row)),
        at,
      );
      return rows.find((row) => row.id === id) ?? fields;
    },
    setLastSeenAt(row, lastSeenAt) {
      const same = rows.indexOf(row);
      const at = same === -1 ? rows.findIndex(({ id }) => id === row.id) : same;
      const current = rows[at];
      if (current) change(rows.with(at, { ...current, lastSeenAt }));
    },
    add(count, at, fields, omit) {
      const added = Array.from({ length: count }, (_, index) =>
        without({ ...generatedRow(nextIndex + index), ...fields }, omit),
      );
      nextIndex += count;
      change(rows.toSpliced(at, 0, ...added));
      return added;
    },
    create(rowOf) {
      const row = rowOf(String(generatedRow(nextIndex).id));
      nextIndex += 1;
      change([...rows, row]);
      return row;
    },
    remove(ids) {
      change(rows.filter((row) => !ids.has(row.id)));
    },
  };
}

function without(row: VendorRow, omit: readonly string[]): VendorRow {
  return Object.fromEntries(Object.entries(row).filter(([field]) => !omit.includes(field)));
}
