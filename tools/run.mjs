// Runs a TypeScript program of this project: node tools/run.mjs <file> [arguments].
// Plain JavaScript, because old versions of Node run this file too. It does what the npm scripts
// would otherwise need shell syntax for.
import { resolve } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(`This needs Node 22.19 or later. This is Node ${process.versions.node}.\n`);
  process.exitCode = 1;
} else {
  // The program gets its file and arguments in `process.argv`, as if Node had been started with
  // them.
  process.argv.splice(1, 1);
  const file = resolve(process.argv[1] ?? '');
  process.argv[1] = file;
  const { loadEnvFile } = await import('../src/config/env-file.ts');
  loadEnvFile();
  const { stopWithShell } = await import('../bin/stop-with-shell.ts');
  stopWithShell();
  await import(pathToFileURL(file).href);
}
