// Runs a TypeScript program of this project: node tools/run.mjs <file> [arguments].
// Every Node reads this file, so it is plain JavaScript; npm scripts that start with it need no shell.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(`Node 22.19 or later is needed: this is ${process.versions.node}.\n`);
  process.exitCode = 1;
} else {
  // The program gets the same process.argv as with `node <file> [arguments]`.
  process.argv.splice(1, 1);
  const file = resolve(process.argv[1] ?? '');
  process.argv[1] = file;
  if (existsSync('.env')) process.loadEnvFile();
  if (process.env.npm_lifecycle_event !== undefined) endWithShell();
  await import(pathToFileURL(file).href);
}

/**
 * npm sends SIGTERM to the shell between itself and this process. A shell such as dash ends without
 * passing the signal on, and this process then has another parent.
 */
function endWithShell() {
  const shell = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, 100).unref();
}
