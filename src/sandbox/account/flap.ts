import type { SandboxAccount } from './account.ts';
import type { Lines } from './lines.ts';
import type { VendorRow } from './vendor-row.ts';

/** Only the first rows change, so that each list with at least this many rows shows each change. */
const changingRows = 10;

/** After a long pause only the last changes are applied. */
const maxChanges = 100;

/** Connects and disconnects instances in turn, as time passes or at each call. */
export interface Flap {
  /** `everyMs` null: at each call. */
  set(on: boolean, everyMs: number | null): void;
  /** Applies the changes until now. */
  settle(): void;
  /** A call arrived. */
  atCall(): void;
  /** The time of the next change. Undefined: none is due by time. */
  nextChange(): number | undefined;
}

export function createFlap(account: SandboxAccount, lines: Lines, now: () => number): Flap {
  let mode: { readonly everyMs: number | null } | undefined;
  let turn = 0;
  let lastAt = 0;

  const changeOne = (at: number) => {
    const rows = account.rows().slice(0, changingRows).filter(isConnectedOrNot);
    const row = rows[turn % rows.length];
    turn += 1;
    if (!row) return;
    const status = row.status === 'connected' ? 'disconnected' : 'connected';
    const changed = lines.setStatus(row.id, status, at);
    account.setLastSeenAt(changed, new Date(at).toISOString());
  };

  return {
    set(on, everyMs) {
      mode = on ? { everyMs } : undefined;
      lastAt = now();
    },
    settle() {
      if (!mode?.everyMs) return;
      const { everyMs } = mode;
      const due = Math.floor((now() - lastAt) / everyMs);
      for (let change = Math.max(1, due - maxChanges + 1); change <= due; change += 1) {
        changeOne(lastAt + change * everyMs);
      }
      lastAt += due * everyMs;
    },
    atCall() {
      if (mode?.everyMs === null) changeOne(now());
    },
    nextChange: () => (mode?.everyMs ? lastAt + mode.everyMs : undefined),
  };
}

/** An attempt to link a phone is left alone. */
function isConnectedOrNot(row: VendorRow): row is VendorRow & { readonly id: string } {
  return (
    typeof row.id === 'string' && (row.status === 'connected' || row.status === 'disconnected')
  );
}
