import type { SandboxAccount } from './account.ts';
import type { VendorRow } from './vendor-row.ts';

/** Only the first rows change, so that each list with at least this many rows shows each change. */
const changingRows = 10;

export interface Stir {
  on: boolean;
  /** If on, changes `lastSeenAt` of one of these rows, so that the next response differs. */
  changeOneOf(rows: readonly VendorRow[]): void;
}

export function createStir(account: SandboxAccount, now: () => number): Stir {
  let turn = 0;
  let lastAt = 0;
  return {
    on: false,
    changeOneOf(rows) {
      if (!this.on) return;
      const row = rows[turn % Math.min(changingRows, rows.length)];
      turn += 1;
      lastAt = Math.max(now(), lastAt + 1);
      if (row) account.setLastSeenAt(row, new Date(lastAt).toISOString());
    },
  };
}
