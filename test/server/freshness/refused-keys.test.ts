import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { start } from '#test/support/start.ts';

const list = '{ instances { totalCount } }';
const key = 'test';

test.for([
  [401, 'UNAUTHENTICATED', 'invalid_api_key'],
  [403, 'FORBIDDEN', 'insufficient_permissions'],
] as const)(
  'a key refused with %i sees nothing more of what it read before, and is not asked for again for 5 s',
  async ([status, code, upstreamCode]) => {
    const clock = createTestClock();
    const server = await start({ clock, instances: 300 });
    await server.query(list);
    await server.query('{ instances(last: 1) { totalCount } }');
    expect(server.calls()).toHaveLength(2);

    clock.advance(3000);
    server.sandbox.control.fail({ key, status, times: 2 });
    const refused = [{ extensions: { code, upstreamCode } }];
    expect((await server.query(list)).errors).toMatchObject(refused);
    for (const query of [
      list,
      '{ instances(last: 1) { totalCount } }',
      '{ instance(id: "inst_abc123") { id } }',
    ]) {
      const { errors, extensions } = await server.query(query);
      expect(errors).toMatchObject(refused);
      expect(extensions?.enviaai?.calls).toBe(0);
    }
    clock.advance(4999);
    expect((await server.query(list)).errors).toMatchObject(refused);
    expect(server.calls()).toHaveLength(3);

    clock.advance(1);
    expect((await server.query(list)).errors).toMatchObject(refused);
    clock.advance(5000);
    expect((await server.query(list)).data.instances).toEqual({ totalCount: 300 });
    expect(server.calls()).toHaveLength(5);
  },
);

test('a refused key takes nothing from another', async () => {
  const clock = createTestClock();
  const server = await start({ clock });
  const other = { authorization: 'Bearer other' };
  await server.query(list, {}, other);
  server.sandbox.control.fail({ key, status: 401 });
  expect((await server.query(list)).errors).toHaveLength(1);
  const { data, extensions } = await server.query(list, {}, other);
  expect([data.instances, extensions?.enviaai?.calls]).toEqual([{ totalCount: 3 }, 0]);
  expect([server.calls(), server.calls('other')].map((calls) => calls.length)).toEqual([1, 1]);
});
