import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { expectWell, list, rowsOf, startBehind, vendorOf } from '#test/support/faults/faulty.ts';

test('100 hanging queries of one key take nothing from another', async () => {
  const held: ServerResponse[] = [];
  const server = await startBehind((request, response) => {
    if (request.headers.authorization === 'Bearer hanging') held.push(response);
    else void vendorOf(rowsOf(3))(request, response);
  });
  const hanging = rowsOf(100).map(({ id }) =>
    server.query(
      `{ instance(id: "${String(id)}") { id } }`,
      {},
      { authorization: 'Bearer hanging' },
    ),
  );
  await expect.poll(() => held).toHaveLength(32);

  for (let asked = 0; asked < 20; asked += 1) {
    const { data } = await server.query(list, {}, { 'cache-control': 'no-cache' });
    expect(data.instances.totalCount).toBe(3);
  }
  const own = server.upstream.calls.filter(
    ({ headers }) => headers.authorization === 'Bearer test',
  );
  expect(own).toHaveLength(20);
  expect(held).toHaveLength(32);

  // Those that wait have their turn as room comes.
  const answered = Promise.all(hanging);
  let done = false;
  void answered.finally(() => (done = true));
  await expect
    .poll(() => {
      for (const response of held.splice(0)) response.writeHead(404).end('{"error":{}}');
      return done;
    })
    .toBe(true);
  for (const { data } of await answered) expect(data).toEqual({ instance: null });
  await expectWell(server);
});
