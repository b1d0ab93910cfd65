import { execFile } from 'node:child_process';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';

export interface Ran {
  readonly code: number;
  /** Standard output and standard error. */
  readonly output: string;
}

/** Runs a script of node_modules with these arguments, to its end. */
export function run(script: string, args: readonly string[], cwd: string): Promise<Ran> {
  const command = [resolve('node_modules', script), ...args];
  return new Promise((done) => {
    const child = execFile(process.execPath, command, { cwd }, (_, stdout, stderr) => {
      done({ code: child.exitCode ?? 1, output: stdout + stderr });
    });
  });
}

/** Creates an empty folder, which is removed after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'graph-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}
