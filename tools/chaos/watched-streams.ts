import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import type { Finding } from './findings.ts';
import type { World } from './process.ts';

/** The prefix of the keys whose instances change, come and leave. */
export const watchedPrefix = 'watched';

/** A stream of a list, merged as a client merges it. */
interface WatchedStream {
  readonly key: string;
  readonly rows: Map<string, string>;
  readonly gone: string[];
  /** The code of the error that ended it; null: it is open, or was cut. */
  error: string | null;
  /** `told`: the server has written its end. */
  state: 'open' | 'told' | 'cut';
  leave(): void;
}

interface Changes {
  readonly complete: boolean;
  readonly changed: readonly { readonly id: string; readonly status: string }[];
  readonly gone: readonly string[];
}

interface Result {
  readonly data?: { readonly instances?: Changes | null } | null;
  readonly payload?: Result | null;
  readonly errors?: readonly { readonly extensions?: { readonly code?: string } }[];
}

const list = 'subscription { instances { complete changed { id status } gone } }';

/** Every third stream is Apollo's multipart protocol. */
const formats = [
  { accept: 'text/event-stream', separator: '\n\n', end: 'event: complete\ndata:' },
  { accept: 'text/event-stream', separator: '\n\n', end: 'event: complete\ndata:' },
  { accept: 'multipart/mixed;subscriptionSpec=1.0', separator: '\r\n--graphql', end: '--\r\n' },
] as const;

const formatOf = (number: number) => formats[number % formats.length] ?? formats[0];

const requestOf = (key: string, number: number) => ({
  method: 'POST' as const,
  headers: {
    accept: formatOf(number).accept,
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
  },
  body: JSON.stringify({ query: list }),
});

/** The last promise of a storm waits this long for the streams to show the list. */
const catchUpMs = 15_000;

/** What a storm promises of the streams that were open. */
export interface WatchedStreams {
  readonly streams: readonly WatchedStream[];
  /** Lets nothing change any more; then checks what the streams hold, and that leaving ends them. */
  findings(storm: string): Promise<Finding[]>;
  /** The same for streams that the server has to end with this code. */
  endsWith(code: string): Promise<Finding[]>;
}

/** Opens streams for keys of the prefix `watched`, each of which has its first event. */
export async function openStreams(world: World, count = 24): Promise<WatchedStreams> {
  const { origin, pathname: path } = new URL(world.url);
  const pool = new Pool(origin, { connections: count, bodyTimeout: 0 });

  async function open(number: number): Promise<WatchedStream> {
    const { separator, end } = formatOf(number);
    const key = `${watchedPrefix}-${number % 4}`;
    const { body } = await pool.request({ path, ...requestOf(key, number) });
    const stream: WatchedStream = {
      key,
      rows: new Map(),
      gone: [],
      error: null,
      state: 'open',
      leave: () => void body.destroy(),
    };
    const read = async () => {
      let rest = '';
      for await (const chunk of body.setEncoding('utf8')) {
        const parts = `${rest}${String(chunk)}`.split(separator);
        rest = parts.pop() ?? '';
        for (const part of parts) take(stream, part, end);
      }
      if (rest === end) stream.state = 'told';
    };
    read()
      .catch(() => {})
      .finally(() => {
        if (stream.state === 'open') stream.state = 'cut';
      });
    return stream;
  }

  const streams = await Promise.all(Array.from({ length: count }, (_, number) => open(number)));
  await until(() => streams.every(({ rows }) => rows.size > 0), catchUpMs);

  async function leave(): Promise<number> {
    for (const stream of streams) stream.leave();
    await until(async () => (await streamsLeft(world)) === 0, 5000);
    await pool.destroy();
    return streamsLeft(world);
  }

  return {
    streams,
    async findings(storm) {
      await world.freeze();
      const lists = new Map<string, string>();
      for (const key of new Set(streams.map((stream) => stream.key))) {
        lists.set(key, rowsText(await world.rows(key)));
      }
      const areRight = () => streams.filter(({ key, rows }) => rowsText(rows) === lists.get(key));
      const tookMs = await until(() => areRight().length === count, catchUpMs);
      const right = areRight().length;
      const ended = streams.filter(({ state }) => state !== 'open').length;
      const wrong = streams.flatMap(({ gone }) => gone).filter((id) => !isTemporary(id)).length;
      const left = await leave();
      return [
        {
          promise: `${count} streams outlast ${storm}, and show the list; no row is gone that is there`,
          observed: `${right} right after ${tookMs.toFixed(0)} ms, ${ended} ended, ${wrong} rows wrongly gone; ${left} left`,
          passed: right === count && ended === 0 && wrong === 0 && left === 0,
        },
      ];
    },
    async endsWith(code) {
      await until(() => streams.every(({ state }) => state !== 'open'), catchUpMs);
      const told = streams.filter(({ state, error }) => state === 'told' && error === code).length;
      const left = await leave();
      return [
        {
          promise: `${count} streams end with ${code} as their last event`,
          observed: `${told} told, ${left} left`,
          passed: told === count && left === 0,
        },
      ];
    },
  };
}

/** Opens streams and leaves them after their first event, for some time. Returns their number. */
export async function streamsInTurn(
  { url }: World,
  { clients, seconds }: { readonly clients: number; readonly seconds: number },
): Promise<number> {
  const { origin, pathname: path } = new URL(url);
  const pool = new Pool(origin, { connections: clients });
  const until = performance.now() + seconds * 1000;
  let count = 0;
  const run = async (number: number) => {
    for (let turn = 0; performance.now() < until; turn += 1) {
      const { body } = await pool.request({
        path,
        ...requestOf(`old-${(turn + number) % 50}`, turn),
      });
      for await (const chunk of body) if (String(chunk).includes('"instances"')) break;
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, number) => run(number)));
  await pool.destroy();
  return count;
}

function take(stream: WatchedStream, part: string, end: string): void {
  if (part.trim() === end) stream.state = 'told';
  const [json] = /\{.*\}/s.exec(part) ?? [];
  if (json === undefined) return;
  const message = JSON.parse(json) as Result;
  const { data, errors } = message.payload ?? message;
  const [error] = errors ?? [];
  if (error) stream.error = error.extensions?.code ?? 'none';
  if (!data?.instances) return;
  const { complete, changed, gone } = data.instances;
  if (complete) stream.rows.clear();
  for (const { id, status } of changed) stream.rows.set(id, status);
  for (const id of gone) stream.rows.delete(id);
  stream.gone.push(...gone);
}

/** Only these instances leave the list. */
const isTemporary = (id: string): boolean => /_t\d+$/.test(id);

/** A list as text, in any order. */
const rowsText = (rows: Iterable<readonly [string, string]>): string =>
  [...rows]
    .map(([id, status]) => `${id} ${status.toLowerCase()}`)
    .toSorted()
    .join('\n');

export async function streamsLeft({ url }: World): Promise<number> {
  const text = await (await fetch(new URL('/metrics', url))).text();
  return Number(/^enviaai_streams_open (\d+)$/m.exec(text)?.[1]);
}

/** Waits until it is so, or for the time. Returns how long that took, in milliseconds. */
export async function until(isSo: () => boolean | Promise<boolean>, ms: number): Promise<number> {
  const startedAt = performance.now();
  while (!(await isSo()) && performance.now() - startedAt < ms) await sleep(50);
  return performance.now() - startedAt;
}
