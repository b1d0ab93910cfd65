import process from 'node:process';

const startedAt = performance.now();

/** What is being done, on standard error: standard output has the tables alone. */
export function say(what: string): void {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0).padStart(4);
  process.stderr.write(`${seconds} s  ${what}\n`);
}
