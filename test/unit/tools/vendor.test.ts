import { expect, test } from 'vitest';
import { startVendor } from '#tools/bench/servers/vendor.ts';
import { sharedNow } from '#tools/bench/shared-clock.ts';

test('the vendor of the benchmark answers as the sandbox, and records each call of a key', async () => {
  const vendor = await startVendor({ instances: 3, ratePerMinute: 100 });
  vendor.prepare({ key: 'five', rows: 5, changing: false });
  const totalOf = async (key: string) => {
    const headers = { authorization: `Bearer ${key}` };
    const response = await fetch(`${vendor.url}/instances`, { headers });
    return ((await response.json()) as { pagination: { total: number } }).pagination.total;
  };
  const before = sharedNow();
  expect([await totalOf('five'), await totalOf('other')]).toEqual([5, 3]);
  const calls = vendor.takeCalls();
  expect(calls.map(({ key }) => key)).toEqual(['five', 'other']);
  for (const { startedAt, endedAt } of calls) {
    expect(startedAt).toBeGreaterThanOrEqual(before);
    expect(endedAt).toBeGreaterThanOrEqual(startedAt);
    expect(endedAt).toBeLessThanOrEqual(sharedNow());
  }
  expect(vendor.takeCalls()).toEqual([]);
  await vendor.close();
});
