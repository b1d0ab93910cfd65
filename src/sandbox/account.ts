import { grownRow } from './grow.ts';
import { documentedRows, type VendorRow, type Status } from './vendor-row.ts';

export interface SandboxAccount {
  /** In the account's order, which is the order of adding unless a control put a row elsewhere. */
  rows(): readonly VendorRow[];
  find(id: string): VendorRow | undefined;
  setStatus(id: string, status: Status): VendorRow | undefined;
  /** WhatsApp hears from a row: `lastSeenAt`, an ISO date. */
  hear(row: VendorRow, lastSeenAt: string): void;
  /** Adds grown rows that were never in the account, each with `fields` over its own. */
  add(count: number, at: number, fields: VendorRow, omit: readonly string[]): readonly VendorRow[];
  remove(ids: ReadonlySet<unknown>): void;
}

/** One key's instances. `start` is shared by all accounts: a change makes a new list. */
export function createAccount(start: readonly VendorRow[]): SandboxAccount {
  let rows = start;
  let nextGrown = Math.max(start.length, documentedRows.length);

  return {
    rows: () => rows,
    find: (id) => rows.find((row) => row.id === id),
    setStatus(id, status) {
      rows = rows.map((row) => (row.id === id ? { ...row, status } : row));
      return rows.find((row) => row.id === id);
    },
    hear(row, lastSeenAt) {
      const at = rows.indexOf(row);
      if (at !== -1) rows = rows.with(at, { ...row, lastSeenAt });
    },
    add(count, at, fields, omit) {
      const added = Array.from({ length: count }, (_, index) =>
        without({ ...grownRow(nextGrown + index), ...fields }, omit),
      );
      nextGrown += count;
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
