import { readdirSync } from 'node:fs';
import process from 'node:process';
import { createApp } from '#src/app.ts';
import { parseConfig } from '#src/config/config.ts';
import { createLog } from '#src/telemetry/log.ts';
import { createVendor, type Mode } from './vendor.ts';

/** A command to a process over its IPC channel. The process replies to each with its figures. */
export type Command =
  | { readonly prefix: string; readonly mode: Mode }
  | { readonly listen: boolean }
  | { readonly freeze: true }
  | { readonly rowsOf: string }
  | { readonly collect: boolean };

export interface Figures {
  /** Calls that the vendor has received, but for those of the streams. */
  readonly calls: number;
  /** Ids and statuses of the key that was asked for. */
  readonly rows: readonly (readonly [string, string])[];
  readonly rssMb: number;
  /** Peak since the previous command. */
  readonly peakRssMb: number;
  readonly heapMb: number;
  readonly handles: number;
}

const [, , role = '', argument = ''] = process.argv;
const vendor = createVendor();
const megabytes = (bytes: number) => bytes / 1024 / 1024;

let peakBytes = 0;
setInterval(() => {
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
}, 10).unref();

function figures(rows: Figures['rows'] = []): Figures {
  const { rss, heapUsed } = process.memoryUsage();
  const peakRssMb = megabytes(Math.max(peakBytes, rss));
  peakBytes = 0;
  return {
    calls: vendor.calls(),
    rows,
    rssMb: megabytes(rss),
    peakRssMb,
    heapMb: megabytes(heapUsed),
    handles: readdirSync('/proc/self/fd').length,
  };
}

async function startServer(): Promise<string> {
  const config = parseConfig({
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: '0',
    ...JSON.parse(argument),
  });
  const log = await createLog({ level: 'silent', pretty: false });
  return (await (await createApp(config, { log })).listen()).url;
}

let port = 0;
async function startVendor(): Promise<string> {
  port = await vendor.listen();
  return `http://127.0.0.1:${port}`;
}

async function execute(command: Command): Promise<void> {
  if ('prefix' in command) vendor.setMode(command.prefix, command.mode);
  if ('listen' in command && !command.listen) vendor.close();
  if ('listen' in command && command.listen) await vendor.listen(port);
  if ('freeze' in command) vendor.freeze();
  if ('collect' in command && command.collect) globalThis.gc?.();
  process.send?.(figures('rowsOf' in command ? vendor.rows(command.rowsOf) : []));
}

process.on('message', (command: Command) => void execute(command));
process.on('disconnect', () => process.exit(0));
process.send?.({ url: await (role === 'vendor' ? startVendor() : startServer()) });
