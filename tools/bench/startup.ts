import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { fillRows } from './fill.ts';
import type { Options } from './options.ts';
import { startOurs, startSandbox } from './servers.ts';
import { createFleet, track } from './servers/fleet.ts';
import { spreadOf } from './statistics.ts';
import { figure, sectionOf, spreadText, tableOf } from './table.ts';

const cachedRows = 20_000;
const maxStarts = 5;

/** Measures the start of the process, its memory at rest, and the memory of each cached row. */
export async function runStartup({ rounds }: Options): Promise<string> {
  const fleet = createFleet();
  try {
    const sandbox = await startSandbox(fleet, 1000);
    const starts: Start[] = [];
    while (starts.length < Math.min(rounds, maxStarts)) starts.push(await start(sandbox.url));

    const server = await startOurs(fleet, sandbox, { CACHE_MAX_MB: '4096', STALE_MS: '3600000' });
    // The memory that the first requests take does not belong to the measured rows.
    await fillRows(server, 'warm-up');
    await sandbox.prepare([{ key: 'rows', rows: cachedRows, changing: false }]);
    const before = await server.collected();
    await fillRows(server, 'rows');
    const after = await server.collected();
    const perThousand = ((after.rssMb - before.rssMb) / cachedRows) * 1000;
    const table = tableOf(
      ['', ''],
      [
        ['from spawn to ready, ms', spreadText(spreadOf(starts.map(({ readyMs }) => readyMs)))],
        ['RSS at rest, MB', spreadText(spreadOf(starts.map(({ rssMb }) => rssMb)))],
        ['RSS for 1,000 cached rows, MB', figure(perThousand)],
      ],
    );
    return sectionOf('process', '', table);
  } finally {
    await fleet.stop();
  }
}

interface Start {
  readonly readyMs: number;
  readonly rssMb: number;
}

/** Starts the server as `npm start` does, and measures the time until `/readyz` returns 200. */
async function start(upstream: string): Promise<Start> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['src/main.ts'], {
    env: {
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: '0',
      ENVIAAI_BASE_URL: upstream,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  track(child);
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const [, origin] = /Serving (http:\/\/[^/]+)/.exec(line) ?? [];
      if (origin === undefined) continue;
      const { status } = await fetch(`${origin.replace('localhost', '127.0.0.1')}/readyz`);
      if (status !== 200) throw new Error(`/readyz returned ${status}`);
      return { readyMs: performance.now() - startedAt, rssMb: await rssOf(child.pid ?? 0) };
    }
    throw new Error('The server exited before it was ready');
  } finally {
    child.kill();
    await once(child, 'exit');
  }
}

/** In MB; NaN if this system has no `ps`. */
async function rssOf(pid: number): Promise<number> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
    return Number(stdout) / 1024;
  } catch {
    return Number.NaN;
  }
}
