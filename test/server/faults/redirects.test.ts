import { expect, onTestFinished, test } from 'vitest';
import { startUpstream } from '#test/support/upstream.ts';
import {
  envelope,
  expectTold,
  expectWell,
  list,
  rowsOf,
  single,
  startBehind,
  vendorOf,
} from '#test/support/faults/faulty.ts';

test.for(
  [300, 301, 302, 303, 304, 307, 308].flatMap((status) =>
    ['elsewhere', 'itself', 'nowhere'].map((where) => [status, where] as const),
  ),
)('a %i to %s is followed with nothing, and gives nothing', async ([status, where]) => {
  const elsewhere = await startUpstream(vendorOf(rowsOf(3)));
  onTestFinished(() => elsewhere.close());
  const locations = new Map([
    ['elsewhere', elsewhere.url.href],
    ['itself', '/instances?status=all&limit=100&offset=0'],
  ]);
  const server = await startBehind((_, response) => {
    const location = locations.get(where);
    response.writeHead(status, { ...(location && { location }) });
    // Not even the rows that come along count.
    response.end(JSON.stringify(envelope(rowsOf(3))));
  });
  expectTold(await server.query(list), { code: 'UPSTREAM_ERROR' });
  expectTold(await server.query(single), { code: 'UPSTREAM_ERROR' });
  expect(server.upstream.calls).toHaveLength(2);
  expect(elsewhere.calls).toEqual([]);
  await expectWell(server);
});
