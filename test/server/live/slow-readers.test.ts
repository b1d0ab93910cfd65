import { expect, test } from 'vitest';
import { openUnread } from '#test/support/live/slow-client.ts';
import { eventStream, multipart } from '#test/support/live/stream-client.ts';
import { openList, startWatched } from '#test/support/live/watched-server.ts';

const key = 'test';
const list = `subscription {
  instances { complete changed { id name status } gone totalCount }
}`;
const formats = [
  { accept: eventStream, format: 'server-sent events' },
  { accept: multipart, format: 'multipart' },
];

/** Its name is a megabyte, so that some of its changes fill the buffers of the kernel. */
const large = { id: 'inst_large', name: 'x'.repeat(2 ** 20), status: 'connected' };

/** Two streams of a list, of which one is not read, until the server skips its events. */
async function startUnread(accept: string) {
  const server = await startWatched({ random: () => 0 });
  server.control.add({ key, instance: large });
  const slow = await openUnread(server.url, list, accept);
  const fast = await openList(server, list);
  let changes = 0;

  const figure = async (name: string) => {
    const text = await (await fetch(new URL('/metrics', server.url))).text();
    return Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')[1],
    );
  };
  /** How many events the slow stream was sent. */
  const sent = async () => (await figure('enviaai_stream_events_total')) - fast.events().length;
  /** An event for both streams: what anybody reads is sent. */
  async function change(): Promise<void> {
    changes += 1;
    const status = changes % 2 === 0 ? 'connected' : 'disconnected';
    server.control.status({ key, id: large.id, status });
    server.clock.advance(1000);
    await server.query('{ instances { totalCount } }', {}, { 'cache-control': 'no-cache' });
    await expect.poll(() => fast.events()).toHaveLength(changes + 1);
  }
  do await change();
  while ((await sent()) === changes + 1);
  return {
    ...server,
    slow: {
      ...slow,
      sent,
      events: () => slow.results().map(({ data, errors }) => errors ?? data.instances),
    },
    fast,
    change,
    figure,
  };
}

test.each(formats)(
  'a client that reads slowly misses events, and then gets the whole list: $format',
  async ({ accept }) => {
    const { slow, fast, change, control } = await startUnread(accept);
    const sent = await slow.sent();
    control.remove({ key, id: 'inst_abc123' });
    for (let more = 0; more < 3; more += 1) await change();
    expect(await slow.sent()).toBe(sent);

    slow.read();
    await expect.poll(() => slow.events()).toHaveLength(sent + 1);
    expect(slow.events().map(({ complete }) => complete)).toEqual([
      true,
      ...Array.from({ length: sent - 1 }, () => false),
      true,
    ]);
    const { status } = fast.events().at(-1).changed[0];
    expect(slow.events().at(-1)).toMatchObject({
      totalCount: 3,
      changed: [{ id: 'inst_def456' }, { id: 'inst_ghi789' }, { id: large.id, status }],
    });
    // It follows the changes again.
    await change();
    await expect.poll(() => slow.events()).toHaveLength(sent + 2);
    expect(slow.events().at(-1)).toEqual(fast.events().at(-1));
  },
);

test.each(formats)(
  'a client that reads nothing for 30 s finds the end of its stream: $format',
  async ({ accept }) => {
    const { slow, fast, clock, figure } = await startUnread(accept);
    clock.advance(29_999);
    expect(await figure('enviaai_streams_open')).toBe(2);
    clock.advance(1);
    expect(await figure('enviaai_streams_open')).toBe(1);
    expect(await figure('enviaai_stream_ends_total{reason="too_slow"}')).toBe(1);
    slow.read();
    expect(await slow.hasEnd).toBe(true);
    expect(slow.events().at(-1)).toMatchObject([
      { extensions: { code: 'STREAM_ENDED', reason: 'TOO_SLOW', retryAfter: 1 } },
    ]);
    expect(fast.isEnded()).toBe(false);
  },
);

test.each(formats)(
  'a client that does not read the end either loses its connection: $format',
  async ({ accept }) => {
    const { slow, fast, clock, figure } = await startUnread(accept);
    clock.advance(30_000);
    clock.advance(5000);
    slow.read();
    expect(await slow.hasEnd).toBe(false);
    expect(await figure('enviaai_stream_ends_total{reason="too_slow"}')).toBe(1);
    expect(fast.isEnded()).toBe(false);
  },
);
