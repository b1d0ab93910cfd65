import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FailInput } from '#src/sandbox/controls/control.ts';
import { runs } from '#test/support/random/random-runs.ts';
import { start } from '#test/support/start.ts';

const create = /* GraphQL */ `
  mutation ($name: String!) {
    createInstance(input: { name: $name }) {
      instance {
        id
        name
      }
      userErrors {
        code
      }
    }
  }
`;
const update = /* GraphQL */ `
  mutation ($name: String!) {
    updateInstance(id: "inst_abc123", input: { name: $name }) {
      instance {
        id
      }
      userErrors {
        code
      }
    }
  }
`;

const statuses = [400, 401, 403, 404, 409, 418, 429, 500, 502, 503, 504, 301] as const;

const faults: fc.Arbitrary<FailInput | null> = fc.oneof(
  fc.constant(null),
  fc.record({
    mode: fc.constantFrom('lost' as const, 'reset' as const, 'truncate' as const),
  }),
  fc.record({ mode: fc.constantFrom('invalid-json' as const, 'html' as const) }),
  fc.record({
    mode: fc.constant('status' as const),
    status: fc.constantFrom(...statuses),
    performed: fc.boolean(),
  }),
  fc.record({
    mode: fc.constant('status' as const),
    status: fc.constantFrom(409, 418),
    code: fc.constant('new_code'),
  }),
);

const writes = fc.record({
  fault: faults,
  document: fc.constantFrom(create, update),
});

const certainFailures = new Set([
  'FORBIDDEN',
  'RATE_LIMITED',
  'UNAUTHENTICATED',
  'UPSTREAM_ERROR',
  'UPSTREAM_UNAVAILABLE',
]);

test('a write reaches EnviaAI once at most, and its caller gets the outcome that is true', async () => {
  const server = await start();
  const seen = new Map<string, number>();
  let count = 0;
  await fc.assert(
    fc.asyncProperty(writes, async ({ fault, document }) => {
      count += 1;
      // A key for each write: no fault of one affects another.
      const key = `key-${count}`;
      const name = `Name ${count}`;
      if (fault) server.sandbox.control.fail({ key, ...fault });
      const answer = await server.query(document, { name }, { authorization: `Bearer ${key}` });
      const performed = server.sandbox.control.writes({ key }).writes.length;
      const sent = server.calls(key).filter((call) => !call.startsWith('GET')).length;
      expect(sent).toBe(1);
      expect(performed).toBeLessThanOrEqual(1);

      const payload = answer.data?.createInstance ?? answer.data?.updateInstance;
      const { code: errorCode } = answer.errors?.[0]?.extensions ?? {};
      const code = typeof errorCode === 'string' ? errorCode : '';
      const outcome: string = payload ? (payload.userErrors[0]?.code ?? 'SUCCESS') : code;
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
      if (outcome === 'OUTCOME_UNKNOWN') return;
      const isRefused = fault?.performed === true && outcome !== 'SUCCESS';
      // The sandbox can do a write and then claim that it refused it; nobody can tell.
      if (isRefused) return;
      expect([outcome, performed]).toEqual([outcome, outcome === 'SUCCESS' ? 1 : 0]);
      if (!payload) expect(certainFailures).toContain(code);
    }),
    { numRuns: runs(400) },
  );
  expect([...seen.keys()]).toEqual(
    expect.arrayContaining(['SUCCESS', 'OUTCOME_UNKNOWN', 'RATE_LIMITED', 'UNKNOWN', 'NOT_FOUND']),
  );
});

test('after a lost answer, the next read shows what EnviaAI did', async () => {
  const server = await start();
  const list = '{ instances(first: 1) { nodes { name } } }';
  await server.query(list);
  server.sandbox.control.fail({ key: 'test', mode: 'lost' });
  const { data, errors } = await server.query(update, { name: 'Changed' });
  expect(data).toEqual({ updateInstance: null });
  expect(errors?.[0]?.extensions).toEqual({ code: 'OUTCOME_UNKNOWN' });
  const read = await server.query(list);
  expect(read.data.instances.nodes).toEqual([{ name: 'Changed' }]);
  expect(read.extensions?.enviaai?.calls).toBe(1);
});

test('an update whose answer cannot be read is a success, and the instance is read after it', async () => {
  const server = await start();
  server.sandbox.control.fail({ key: 'test', mode: 'truncate' });
  const { data, errors } = await server.query(update, { name: 'Changed' });
  expect(errors).toBeUndefined();
  expect(data.updateInstance).toEqual({ instance: { id: 'inst_abc123' }, userErrors: [] });
});

test('a write that nothing was sent of fails for certain, without a call', async () => {
  const server = await start({ ratePerMinute: 50 });
  await server.query('{ instances { totalCount } }');
  server.sandbox.control.spend({ key: 'test', remaining: 0 });
  await server.query('{ instances { totalCount } }', {}, { 'cache-control': 'no-cache' });
  const calls = server.calls().length;
  const { errors } = await server.query(update, { name: 'Changed' });
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED' });
  expect(server.calls()).toHaveLength(calls);
  expect(server.sandbox.control.writes({ key: 'test' }).writes).toEqual([]);
});
