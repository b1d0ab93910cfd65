import { expect, test } from 'vitest';
import { line, openList, startWatched } from '#test/support/live/watched-server.ts';

const connect = `mutation { connectInstance(id: "${line}") { userErrors { message } } }`;

test.each([
  ['this server', 'mutation'],
  ['another program', 'other'],
])(
  'beside a list of the same key, codes and the scan come in time, after %s has begun',
  async (_, by) => {
    const server = await startWatched({ ratePerMinute: 50 });
    const list = await openList(server);
    await server.pass(45_000);
    const screen = await server.openScreen();
    await server.settle();
    if (by === 'mutation') await server.query(connect);
    else await server.connect();
    await server.pass(15_000);
    const calls = server.calls().length;
    await server.pass(100_000);

    // At most 22 for the list and 3 a minute for the codes, and the windows that they touch.
    expect(server.calls().length - calls).toBeLessThanOrEqual(44);
    const shown = screen.arrivals.flatMap(({ result, at }) => {
      const { image, expiresAt } = result.data.instanceQrCode;
      return image === null ? [] : [{ at, until: Date.parse(expiresAt) }];
    });
    expect(shown.length).toBeGreaterThanOrEqual(4);
    for (const [index, { until }] of shown.slice(0, -1).entries()) {
      expect((shown[index + 1]?.at ?? 0) - until).toBeLessThanOrEqual(1000);
    }

    server.control.scan({ key: 'test', id: line });
    const scannedAt = server.clock.now();
    await server.pass(5000);
    expect(await screen.ended).toContain('"outcome":"LINKED"');
    const last = screen.arrivals.at(-1);
    expect((last?.at ?? Infinity) - scannedAt).toBeLessThanOrEqual(3500);
    const linkedIn = list.arrivals.filter(({ result }) =>
      result.data.instances.changed.some(
        ({ id, status }: { id: string; status: string }) => id === line && status === 'CONNECTED',
      ),
    );
    expect((linkedIn.at(-1)?.at ?? Infinity) - scannedAt).toBeLessThanOrEqual(3500);
    // A code is not shown beside a status that contradicts it.
    const events = screen.results().map(({ data }) => data.instanceQrCode);
    expect(events.filter(({ status, image }) => status === 'CONNECTED' && image !== null)).toEqual(
      [],
    );
    expect(list.events().some(({ stale }) => stale)).toBe(false);
  },
  60_000,
);
