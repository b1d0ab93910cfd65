import type { SandboxAccount } from './account.ts';
import type { VendorRow } from './vendor-row.ts';

/** Lists of so many rows, or more, see every change. */
const nearTheTop = 10;

export interface Stir {
  on: boolean;
  /** Hears from one of the rows that an answer brought, so that the next one differs. */
  after(rows: readonly VendorRow[]): void;
}

export function createStir(account: SandboxAccount, now: () => number): Stir {
  let turn = 0;
  let lastAt = 0;
  return {
    on: false,
    after(rows) {
      if (!this.on) return;
      const row = rows[turn % Math.min(nearTheTop, rows.length)];
      turn += 1;
      lastAt = Math.max(now(), lastAt + 1);
      if (row) account.hear(row, new Date(lastAt).toISOString());
    },
  };
}
