import process from 'node:process';

const startedAt = performance.now();

/** Writes a line to standard error. Standard output has only the tables. */
export function logProgress(step: string): void {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0).padStart(4);
  process.stderr.write(`${seconds} s  ${step}\n`);
}
