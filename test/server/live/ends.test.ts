import { expect, test } from 'vitest';
import { startIssuer } from '#test/support/callers/issuer.ts';
import { createTestClock } from '#test/support/clock.ts';
import { eventStream, multipart } from '#test/support/live/stream-client.ts';
import { line, startWatched } from '#test/support/live/watched-server.ts';

const hourMs = 3_600_000;

test.each([
  [eventStream, /event: next\ndata: (.*)\n\nevent: complete\ndata:\n\n$/],
  [multipart, /\r\n\r\n\{"payload":null,(.*)\r\n--graphql--\r\n$/],
])('a stop of the server ends each stream before it waits: %s', async (accept, end) => {
  const server = await startWatched({ random: () => 0.5 });
  const stream = await server.openScreen(line, { accept });
  await expect.poll(() => stream.results()).toHaveLength(1);
  await server.close();
  expect(await stream.ended).toMatch(end);
  expect(stream.results().at(-1).errors).toEqual([
    {
      message: 'The server stops. Subscribe again.',
      extensions: { code: 'STREAM_ENDED', reason: 'SHUTDOWN', retryAfter: 8 },
    },
  ]);
});

test.each([
  [0, 0.9 * hourMs, 1],
  [0.999, 1.0998 * hourMs, 15],
])(
  'a stream ends within a second after an hour, give or take a tenth: %d',
  async (random, ms, retryAfter) => {
    const server = await startWatched({ random: () => random });
    const stream = await server.openScreen();
    await expect.poll(() => stream.results()).toHaveLength(1);
    server.clock.advance(ms - 1);
    await server.settle();
    expect(stream.isEnded()).toBe(false);
    server.clock.advance(1000);
    await stream.ended;
    expect(stream.results().at(-1)).toMatchObject({
      errors: [{ extensions: { code: 'STREAM_ENDED', reason: 'LIFETIME', retryAfter } }],
    });
  },
);

test('a stream ends when the token of its caller expires', async () => {
  const clock = createTestClock();
  const issuer = await startIssuer(clock.now);
  const server = await startWatched({ clock, env: { ...issuer.env, MUTATIONS: 'on' } });
  const token = await issuer.mint();
  const stream = await server.openScreen(line, { headers: { authorization: `Bearer ${token}` } });
  await expect.poll(() => stream.results()).toHaveLength(1);
  clock.advance(299_000);
  await server.settle();
  expect(stream.isEnded()).toBe(false);
  clock.advance(1000);
  await stream.ended;
  expect(stream.results().at(-1)).toMatchObject({
    errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
  });
});

test('a stream ends when EnviaAI refuses the key meanwhile', async () => {
  const server = await startWatched();
  await server.connect();
  const stream = await server.openScreen();
  await expect.poll(() => stream.results()).toHaveLength(1);
  server.control.fail({ key: 'test', times: 1, status: 401, code: 'expired_api_key' });
  await server.pass(3000);
  await stream.ended;
  expect(stream.results().at(-1)).toMatchObject({
    errors: [{ extensions: { code: 'UNAUTHENTICATED', upstreamCode: 'expired_api_key' } }],
  });
});

test('a refused key of the server itself is UPSTREAM_ERROR for its callers', async () => {
  const server = await startWatched({
    env: { AUTH: 'none', MUTATIONS: 'on', ENVIAAI_API_KEY: 'invalid' },
  });
  const stream = await server.openScreen();
  await stream.ended;
  const ofQuery = await server.query(`{ instance(id: "${line}") { id } }`);
  expect(stream.results()[0].errors[0].extensions).toEqual(ofQuery.errors?.[0]?.extensions);
});
