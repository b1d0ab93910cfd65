import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const binary = 'promtool';

/** Prometheus's own checks need `promtool`; on a machine without it they are skipped. */
export const hasPromtool = spawnSync(binary, ['--version']).status === 0;

/** Appended to the titles of tests that may be skipped. */
export const promtoolNote = hasPromtool ? '' : ' (skipped: there is no promtool on this machine)';

/** Runs promtool, and returns its exit code with what it printed. */
export function promtool(...args: readonly string[]): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(binary, args, { encoding: 'utf8' });
  return { code: status, output: `${stdout}${stderr}` };
}

/** Runs promtool with a file of this content (JSON is YAML) as its last argument. */
export function promtoolOn(content: object, ...args: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'promtool-'));
  const path = join(folder, 'input.yaml');
  try {
    writeFileSync(path, JSON.stringify(content));
    return promtool(...args, path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
