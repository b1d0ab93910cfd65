import process from 'node:process';
import { createApp } from '#src/app.ts';
import { parseConfig } from '#src/config/config.ts';
import { startingRows } from '#src/sandbox/account/grow.ts';
import { createLog } from '#src/telemetry/log.ts';
import { readOptions } from '#examples/read-options.ts';
import { startSupergraph } from './supergraph.ts';

const { port } = readOptions({ PORT: '4001' });
const instances = 60;
const query = '{ conversations { edges { node { id instance { name status } } } } }';

// This project's server with its sandbox, as `npm start` runs it, but on a free port.
const config = parseConfig({
  PORT: '0',
  SANDBOX_INSTANCES: String(instances),
  LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'warn',
});
const log = await createLog({ level: config.logLevel, pretty: process.stdout.isTTY });
const app = await createApp(config, { log });
const { url: instancesUrl } = await app.listen();

const supergraph = await startSupergraph({
  instancesUrl,
  instanceIds: startingRows(instances)
    .slice(20, 45)
    .map(({ id }) => String(id)),
  port,
});

let stopping = false;
process.on('SIGTERM', stop).on('SIGINT', stop);

process.stdout.write(
  `The supergraph is at ${supergraph.url}. Try: curl ${supergraph.url}` +
    ` -H 'content-type: application/json' -H 'authorization: Bearer any-key' -H 'x-request-id: hello'` +
    ` -d '${JSON.stringify({ query })}'\n`,
);

function stop(): void {
  // On Ctrl-C the terminal and npm both send SIGINT.
  if (stopping) return;
  stopping = true;
  void supergraph
    .close()
    .then(() => app.close())
    .then(() => process.exit(0));
}
