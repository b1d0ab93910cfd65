import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { readable, unreadable } from '#test/support/faults/contradictions.ts';
import { askedOf, rowsOf, startBehind, vendorOf } from '#test/support/faults/faulty.ts';
import { openStream } from '#test/support/live/stream-client.ts';
import { watchUpstreamTraffic } from '#test/support/live/upstream-traffic.ts';
import type { UpstreamHandler } from '#test/support/upstream.ts';

const list = 'subscription { instances { complete changed { id } gone totalCount } }';

async function startWatching(vendor: UpstreamHandler) {
  const clock = createTestClock();
  const server = await startBehind(vendor, { clock });
  const traffic = watchUpstreamTraffic(server.upstream.url.href);
  const stream = await openStream(server.url, list);
  return {
    ...stream,
    calls: server.upstream.calls,
    pass: (ms: number) => traffic.pass(clock, ms, 500),
  };
}

test.each([...readable, ...unreadable])(
  'a stream of a list that contradicts itself shows rows or ends with an error: %s',
  async (_, vendor) => {
    const { results, isEnded, pass, calls } = await startWatching(vendor);
    await pass(20_000);
    const [first] = results();
    if (first.errors) {
      expect(isEnded()).toBe(true);
      expect(['UPSTREAM_INVALID_RESPONSE', 'LIMIT_EXCEEDED']).toContain(
        first.errors[0].extensions.code,
      );
    } else {
      expect(first.data.instances.complete).toBe(true);
      expect(results().flatMap(({ data }) => data.instances.gone)).toEqual([]);
    }
    const before = calls.length;
    await pass(60_000);
    expect(calls.length - before).toBeLessThanOrEqual(22);
    expect(before).toBeLessThanOrEqual(80);
  },
);

test('a list of which one page cannot be read ends its stream after ten seconds', async () => {
  const rows = vendorOf(rowsOf(250));
  const { results, isEnded, pass } = await startWatching((request, response) => {
    if (askedOf(request).offset === 90) response.writeHead(503).end();
    else return rows(request, response);
  });
  await pass(9000);
  expect(isEnded()).toBe(false);
  await pass(5000);
  expect(results()).toMatchObject([{ errors: [{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }] }]);
  expect(isEnded()).toBe(true);
});
