import { expect, test } from 'vitest';
import { line, startWatched } from '#test/support/live/watched-server.ts';

const polls = [
  '{ instances(first: 50) { nodes { id status } } }',
  '{ instances(status: CONNECTED) { totalCount } }',
  '{ instance(id: "inst_abc123") { name status } }',
  '{ nodes(ids: ["inst_def456", "inst_ghi789"]) { id } }',
];

test('screens that poll every two seconds, and screens with a QR code, stay within 50 requests a minute', async () => {
  const server = await startWatched({ ratePerMinute: 50 });
  await server.connect();
  const screens = await Promise.all([1, 2, 3, 4, 5].map(() => server.openScreen()));
  await server.settle();
  const errors: unknown[] = [];
  for (let step = 0; step < 60; step += 1) {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => server.query(polls[at % polls.length] ?? '')),
    );
    errors.push(...answers.flatMap((answer) => answer.errors ?? []));
    await server.pass(2000);
  }
  server.control.scan({ key: 'test', id: line });
  await server.pass(3500);
  expect(errors).toEqual([]);
  for (const screen of screens) expect(await screen.ended).toContain('"outcome":"LINKED"');
  const { calls } = server.control.calls({ key: 'test' });
  expect(calls.filter(({ status }) => status === 429)).toEqual([]);
  // Two minutes, and the windows that they touch.
  expect(calls.length).toBeLessThanOrEqual(3 * 50);
});
