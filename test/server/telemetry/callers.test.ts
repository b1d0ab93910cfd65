import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { start } from '#test/support/start.ts';

const list = 'query List { instances { totalCount } }';

type Line = Record<string, unknown>;
const linesOf = ({ log }: { readonly log: readonly string[] }): Line[] =>
  log.map((line) => JSON.parse(line) as Line).filter(({ msg }) => msg === 'operation');

test('the line of an operation names its caller by a part of the hash of its key', async () => {
  const server = await start();
  const key = 'sk_live_of_the_first_caller';
  for (const authorization of [`Bearer ${key}`, 'Bearer sk_live_2', `Bearer ${key}`]) {
    await server.query(list, {}, { authorization });
  }
  const [first, second, third] = linesOf(server).map(({ caller }) => caller);
  expect(first).toBe(createHash('sha256').update(key).digest('hex').slice(0, 12));
  expect(third).toBe(first);
  expect(second).not.toBe(first);
  expect(server.log.join()).not.toContain('sk_live');
});

test('also when the response cache answers, and the caller spends nothing', async () => {
  const server = await start({ env: { FRESH_MS: '60000' } });
  await server.query(list);
  await server.query(list);
  const [spender, reader] = linesOf(server);
  expect(spender).toMatchObject({ calls: 1, caller: expect.stringMatching(/^[\da-f]{12}$/) });
  expect(reader).toMatchObject({ calls: 0, caller: spender?.['caller'] });
});

test('callers that share the key of the server have different names, none with an address', async () => {
  const env = { AUTH: 'none', ENVIAAI_API_KEY: 'test', TRUST_PROXY: '1' };
  const server = await start({ env });
  for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.1']) {
    await server.query(list, {}, { 'x-forwarded-for': address });
  }
  const callers = linesOf(server).map(({ caller }) => caller);
  expect(callers).toEqual([callers[0], callers[1], callers[0]]);
  expect(new Set(callers).size).toBe(2);
  for (const caller of callers) expect(caller).toMatch(/^[\w-]{12}$/);
  expect(server.log.join()).not.toContain('192.0.2.');
});

test('an operation whose caller is not admitted has no caller in its line', async () => {
  const server = await start();
  await server.query(list, {}, { authorization: 'Basic x' });
  await server.query('{ __typename }');
  await server.query('{');
  expect(linesOf(server).map(({ caller }) => caller)).toEqual([null, null, null]);
});

test.each([
  ['apollographql-client-name', 'apollographql-client-version'],
  ['graphql-client-name', 'graphql-client-version'],
])('the line of an operation names its client, as %s does', async (name, version) => {
  const server = await start();
  await server.query(list, {}, { [name]: 'web', [version]: '1.4.2' });
  await server.query(list);
  const [named, unnamed] = linesOf(server);
  expect(named).toMatchObject({ client: 'web', clientVersion: '1.4.2' });
  expect(Object.keys(unnamed ?? {})).not.toContain('client');
});

test('the name of a client has no control characters, and at most 64 characters', async () => {
  const server = await start();
  const ask = (name: string) => server.query(list, {}, { 'graphql-client-name': name });
  // The C1 controls, which a terminal may obey, and a soft hyphen.
  await ask('a\u0085b\u009bc\u00add\te');
  await ask('x'.repeat(10_000));
  await ask(`${' '.repeat(10)}\u009b`);
  const clients = linesOf(server).map(({ client }) => client);
  expect(clients).toEqual(['a b c d e', 'x'.repeat(64), undefined]);
});
