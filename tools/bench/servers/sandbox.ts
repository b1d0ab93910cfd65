import { startingRows } from '#src/sandbox/grow.ts';
import { startSandbox } from '#src/sandbox/sandbox.ts';

export interface SandboxSettings {
  readonly instances: number;
  readonly ratePerMinute: number;
}

/** How a key's account is to be. */
export interface Account {
  readonly key: string;
  readonly rows: number;
  /** Whether no two of its answers are equal. */
  readonly changing: boolean;
}

export interface StartedSandbox {
  readonly url: string;
  prepare(account: Account): void;
}

const mostAtOnce = 10_000;

export async function startBenchSandbox(settings: SandboxSettings): Promise<StartedSandbox> {
  const { url, control } = await startSandbox(settings);
  return {
    url,
    prepare({ key, rows, changing }) {
      let { total } = control.reset({ key });
      if (total > rows) {
        const surplus = startingRows(total).slice(rows);
        total = control.remove({ key, ids: surplus.map(({ id }) => String(id)) }).total;
      }
      while (total < rows) {
        total = control.add({ key, count: Math.min(mostAtOnce, rows - total) }).total;
      }
      control.stir({ key, on: changing });
    },
  };
}
