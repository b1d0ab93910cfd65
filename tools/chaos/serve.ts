import { readdirSync } from 'node:fs';
import process from 'node:process';
import { createApp } from '#src/app.ts';
import { parseConfig } from '#src/config/config.ts';
import { createLog } from '#src/telemetry/log.ts';
import { createVendor, type Mode } from './vendor.ts';

/** What a child is asked over its channel; it answers each with its figures. */
export type Request =
  | { readonly turn: string; readonly mode: Mode }
  | { readonly listen: boolean }
  | { readonly collect: boolean };

export interface Figures {
  /** Calls that arrived at the vendor so far. */
  readonly calls: number;
  readonly rssMb: number;
  /** The most since it was last asked. */
  readonly peakRssMb: number;
  readonly heapMb: number;
  readonly handles: number;
}

const [, , role = '', argument = ''] = process.argv;
const vendor = createVendor();
const megabytes = (bytes: number) => bytes / 1024 / 1024;

let peak = 0;
setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 10).unref();

function figures(): Figures {
  const { rss, heapUsed } = process.memoryUsage();
  const peakRssMb = megabytes(Math.max(peak, rss));
  peak = 0;
  return {
    calls: vendor.calls(),
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

async function obey(request: Request): Promise<void> {
  if ('turn' in request) vendor.turn(request.turn, request.mode);
  if ('listen' in request && !request.listen) vendor.close();
  if ('listen' in request && request.listen) await vendor.listen(port);
  if ('collect' in request && request.collect) globalThis.gc?.();
  process.send?.(figures());
}

process.on('message', (request: Request) => void obey(request));
process.on('disconnect', () => process.exit(0));
process.send?.({ url: await (role === 'vendor' ? startVendor() : startServer()) });
