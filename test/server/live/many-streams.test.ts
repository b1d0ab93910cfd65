import { ServerResponse } from 'node:http';
import { queryObjects } from 'node:v8';
import { expect, test } from 'vitest';
import { ResponseStream } from '#src/http/stream/open-stream.ts';
import { startWatched } from '#test/support/live/watched-server.ts';

const list = 'subscription { instances { changed { id name } gone } }';
const others = 'subscription { instances(status: CONNECTED) { changed { id } gone } }';
/** How many there are after a garbage collection. */
const objects = () => ({
  streams: queryObjects(ResponseStream, { format: 'count' }),
  responses: queryObjects(ServerResponse, { format: 'count' }),
});

const byId = (id: string) => `subscription { instance(id: "${id}") { name } }`;

test('a stop tells 600 streams, which return over fifteen seconds, and logs each', async () => {
  let drawn = 0;
  const server = await startWatched({ random: () => ((drawn += 1) % 15) / 15 });
  const streams = await Promise.all(Array.from({ length: 600 }, () => server.open(list)));
  await server.close();
  await Promise.all(streams.map(({ ended }) => ended));
  const ends = streams.map(({ results }) => results().at(-1).errors[0].extensions);
  expect(ends).toHaveLength(600);
  expect(new Set(ends.map(({ reason }) => reason))).toEqual(new Set(['SHUTDOWN']));
  const seconds = new Set(ends.map(({ retryAfter }) => retryAfter));
  expect([seconds.size, Math.min(...seconds), Math.max(...seconds)]).toEqual([15, 1, 15]);
  const logged = server.log.filter((line) => line.includes('"code":"STREAM_ENDED"'));
  expect(logged).toHaveLength(600);
});

test('500 streams that come and go leave no timer, no object and no entry', async () => {
  const server = await startWatched();
  const metrics = async () => {
    const text = await (await fetch(new URL('/metrics', server.url))).text();
    return text.split('\n').filter((row) => /^enviaai_(?:streams_open|tracked_entries)/.test(row));
  };
  const round = async (number: number) => {
    const opened = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        server.open([list, others, byId(`inst_${number}x${index}`)][index % 3] ?? list),
      ),
    );
    for (const stream of opened) stream.leave();
    await expect.poll(metrics).toContain('enviaai_streams_open 0');
    // Rows are watched for five seconds after their last subscriber has left.
    await server.pass(6000, 1000);
  };
  await round(0);
  const before = { metrics: await metrics(), timers: server.clock.pending() };
  const objectsBefore = objects();
  for (let number = 1; number < 10; number += 1) await round(number);
  expect({ metrics: await metrics(), timers: server.clock.pending() }).toEqual(before);
  expect(before.metrics).toContain('enviaai_tracked_entries{kind="watched_rows"} 0');
  const after = objects();
  expect(after.streams).toBe(objectsBefore.streams);
  // Of the requests for the metrics, whose connections stay open.
  expect(after.responses).toBeLessThan(objectsBefore.responses + 10);
});
