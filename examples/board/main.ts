import process from 'node:process';
import { build, preview } from 'vite';
import { createApp } from '#src/app.ts';
import { parseConfig } from '#src/config/config.ts';
import { startSandbox } from '#src/sandbox/sandbox.ts';
import { createLog } from '#src/telemetry/log.ts';
import { readOptions } from '#examples/read-options.ts';

const env = process.env;
const { port, instances, ratePerMinute } = readOptions({ PORT: '4002', SANDBOX_INSTANCES: '120' });
const root = import.meta.dirname;

// This project's server with a sandbox, whose instances can be changed while it runs.
const sandbox = await startSandbox({ instances, ratePerMinute });
const config = parseConfig({
  PORT: '0',
  ENVIAAI_BASE_URL: sandbox.url,
  FRESH_MS: env['FRESH_MS'],
  STALE_MS: env['STALE_MS'],
  LOG_LEVEL: env['LOG_LEVEL'] ?? 'warn',
});
const app = await createApp(config, {
  log: await createLog({ level: config.logLevel, pretty: process.stdout.isTTY }),
});
const { url: target } = await app.listen();

// The production build of the page, and the server behind the same origin, so that no CORS is
// needed.
await build({ root, logLevel: 'warn' });
const page = await preview({
  root,
  preview: {
    host: 'localhost',
    // If it is in use, Vite takes the next one, and says so.
    port,
    proxy: { '/graphql': new URL(target).origin },
  },
});

let stopping = false;
// Vite would exit on SIGTERM before the server has finished its requests.
process.removeAllListeners('SIGTERM');
process.on('SIGTERM', stop).on('SIGINT', stop);

process.stdout.write(
  `The board is at ${page.resolvedUrls?.local[0] ?? ''}: sign in as sandbox. Then change something: curl ${new URL('/sandbox/status', sandbox.url).href}` +
    ` -H 'content-type: application/json' -d '{"id":"inst_abc123","status":"disconnected"}'\n`,
);

function stop(): void {
  // On Ctrl-C the terminal and npm both send SIGINT.
  if (stopping) return;
  stopping = true;
  void page
    .close()
    .then(() => app.close())
    .then(() => sandbox.close())
    .then(() => process.exit(0));
}
