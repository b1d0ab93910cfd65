import { generatedRow } from './grow.ts';
import { documentedRows, type VendorRow, type VendorStatus } from './vendor-row.ts';

export interface SandboxAccount {
  /** In the order in which they were added, unless a control added a row at an index. */
  rows(): readonly VendorRow[];
  find(id: string): VendorRow | undefined;
  setStatus(id: string, status: VendorStatus): VendorRow | undefined;
  /** `lastSeenAt` is an ISO 8601 date. */
  setLastSeenAt(row: VendorRow, lastSeenAt: string): void;
  /**
   * Adds generated rows with new ids; `fields` overwrites theirs, and `omit` names fields to
   * delete.
   */
  add(count: number, at: number, fields: VendorRow, omit: readonly string[]): readonly VendorRow[];
  remove(ids: ReadonlySet<unknown>): void;
}

/** The instances of one key. All accounts share `initialRows`, so a change copies the list. */
export function createAccount(initialRows: readonly VendorRow[]): SandboxAccount {
  let rows = initialRows;
  let nextIndex = Math.max(initialRows.length, documentedRows.length);

  return {
    rows: () => rows,
    find: (id) => rows.find((row) => row.id === id),
    setStatus(id, status) {
      rows = rows.map((row) => (row.id === id ? { ...row, status } : row));
      return rows.find((row) => row.id === id);
    },
    setLastSeenAt(row, lastSeenAt) {
      const at = rows.indexOf(row);
      if (at !== -1) rows = rows.with(at, { ...row, lastSeenAt });
    },
    add(count, at, fields, omit) {
      const added = Array.from({ length: count }, (_, index) =>
        without({ ...generatedRow(nextIndex + index), ...fields }, omit),
      );
      nextIndex += count;
      rows = rows.toSpliced(at, 0, ...added);
      return added;
    },
    remove(ids) {
      rows = rows.filter((row) => !ids.has(row.id));
    },
  };
}

function without(row: VendorRow, omit: readonly string[]): VendorRow {
  return Object.fromEntries(Object.entries(row).filter(([field]) => !omit.includes(field)));
}
