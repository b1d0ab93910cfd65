import { startingRows } from '#src/sandbox/account/grow.ts';
import type { VendorStatus } from '#src/sandbox/account/vendor-row.ts';
import type { SandboxControl } from '#src/sandbox/controls/control.ts';
import { startSandbox } from '#src/sandbox/sandbox.ts';

export interface SandboxSettings {
  readonly instances: number;
  readonly ratePerMinute: number;
}

/** The account of a key. */
export interface Account {
  readonly key: string;
  readonly rows: number;
  /** Whether a row moves after every call, so that no two responses are equal. */
  readonly changing: boolean;
}

/** Another status of a row. */
export interface Change {
  readonly key: string;
  readonly id: string;
  readonly status: VendorStatus;
}

export interface StartedSandbox {
  readonly url: string;
  prepare(account: Account): void;
  change(change: Change): void;
}

/** Limit of the sandbox's control `add`. */
const maxAddedAtOnce = 10_000;

export async function startBenchSandbox(settings: SandboxSettings): Promise<StartedSandbox> {
  const { url, control } = await startSandbox(settings);
  return {
    url,
    prepare: (account) => prepareAccount(control, account),
    change: (change) => void control.status(change),
  };
}

export function prepareAccount(control: SandboxControl, { key, rows, changing }: Account): void {
  let { total } = control.reset({ key });
  if (total > rows) {
    const surplus = startingRows(total).slice(rows);
    total = control.remove({ key, ids: surplus.map(({ id }) => String(id)) }).total;
  }
  while (total < rows) {
    total = control.add({ key, count: Math.min(maxAddedAtOnce, rows - total) }).total;
  }
  control.stir({ key, on: changing });
}
