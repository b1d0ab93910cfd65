import { expect, test } from 'vitest';
import { start, type Started } from '#test/support/start.ts';
import { as, type PageArguments, pageOf, pageQuery } from '#test/support/paging/walk.ts';

/** The answer to wrong arguments: which one it is, and not one call spent on finding out. */
async function expectRefused(
  server: Started,
  args: PageArguments,
  argument: string,
  headers: Record<string, string> = {},
): Promise<string> {
  const before = server.calls().length;
  const { status, data, errors, text } = await server.query(pageQuery, args, headers);
  expect(data, text).toEqual({ instances: null });
  expect(status).toBe(200);
  expect(errors).toMatchObject([
    { path: ['instances'], extensions: { code: 'BAD_USER_INPUT', argument } },
  ]);
  const message = errors?.[0]?.message ?? '';
  expect(message).toContain(`\`${argument}\``);
  expect(message.length).toBeLessThan(300);
  expect(server.calls().length).toBe(before);
  return message;
}

async function cursorsOf(server: Started, args: PageArguments = { first: 10 }) {
  const page = await pageOf(server, args);
  const cursors = page.edges.map(({ cursor }) => cursor);
  const [full = '', short = ''] = cursors;
  return { full, short, cursors };
}

test.for([
  [{ first: 0 }, 'first'],
  [{ first: -1 }, 'first'],
  [{ first: 101 }, 'first'],
  [{ first: 2_147_483_647 }, 'first'],
  [{ last: 0 }, 'last'],
  [{ last: -2_147_483_648 }, 'last'],
  [{ last: 101 }, 'last'],
  [{ first: 1, last: 1 }, 'last'],
] as const)('%o is refused, naming `%s`, at no cost', async ([args, argument]) => {
  const server = await start();
  await expectRefused(server, args, argument);
  expect(server.calls()).toEqual([]);
});

test.for(['QR_PENDING', 'UNKNOWN'])(
  'lists have no filter for %s: it is refused in a variable and in a document, at no cost',
  async (status) => {
    const server = await start();
    const variable = await server.query(pageQuery, { status });
    expect(variable.errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT', argument: 'status' } },
    ]);
    const literal = await server.query(`{ instances(status: ${status}) { totalCount } }`);
    expect(literal.errors).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
    expect(server.calls()).toEqual([]);
  },
);

test('a cursor goes with its own direction only', async () => {
  const server = await start();
  const { full } = await cursorsOf(server);
  await expectRefused(server, { last: 1, after: full }, 'after');
  await expectRefused(server, { first: 1, before: full }, 'before');
  await expectRefused(server, { first: 1, after: full, before: full }, 'before');
});

test('a cursor of one list does not lead into another', async () => {
  const server = await start({ instances: 20 });
  const { full, short } = await cursorsOf(server);
  const connected = await cursorsOf(server, { first: 5, status: 'CONNECTED' });
  for (const cursor of [full, short]) {
    await expectRefused(server, { first: 1, after: cursor, status: 'CONNECTED' }, 'after');
    await expectRefused(server, { last: 1, before: cursor, status: 'CONNECTING' }, 'before');
  }
  await expectRefused(server, { first: 1, after: connected.full }, 'after');
  await expectRefused(
    server,
    { first: 1, after: connected.short, status: 'DISCONNECTED' },
    'after',
  );
});

test('a cursor of one key is of no use to another', async () => {
  const server = await start({ instances: 20 });
  const { full, short } = await cursorsOf(server);
  await expectRefused(server, { first: 1, after: full }, 'after', as('another'));
  await expectRefused(server, { last: 1, before: short }, 'before', as('another'));
  expect(server.calls('another')).toEqual([]);
});

test('a cursor with any one character changed is refused', async () => {
  const server = await start({ instances: 20, env: manyAtOnce });
  const { full, short } = await cursorsOf(server);
  for (const cursor of [full, short]) {
    await expectRefusedTogether(
      server,
      Array.from(cursor, (letter, index) => {
        const other = letter === 'A' ? 'B' : 'A';
        return cursor.slice(0, index) + other + cursor.slice(index + 1);
      }),
    );
  }
});

test('a cursor cut short anywhere is refused', async () => {
  const server = await start({ instances: 20, env: manyAtOnce });
  const { full } = await cursorsOf(server);
  await expectRefusedTogether(
    server,
    Array.from(full, (_, index) => full.slice(0, index)),
  );
});

test('what is no cursor is refused', async () => {
  const server = await start({ instances: 20, env: manyAtOnce });
  const { full, short } = await cursorsOf(server);
  await expectRefusedTogether(server, [
    `${full}A`,
    `${full}=`,
    `${full}==`,
    `${full}\n`,
    ` ${full}`,
    full + full,
    full.toLowerCase(),
    full + short,
    full.replaceAll(/[-_]/g, (letter) => (letter === '-' ? '+' : '/')) + '/',
    '',
    '0',
    'null',
    'YXJyYXljb25uZWN0aW9uOjA=',
    'inst_abc123',
    'Ωmega ☎️',
    '\u0000',
    'A'.repeat(10_000),
  ]);
});

// Fifty cursors could cost a key's whole minute, if they were any.
const manyAtOnce = { MAX_UPSTREAM_CALLS: '1000' };

/** Many wrong cursors in one operation, each of them refused in its own place. */
async function expectRefusedTogether(server: Started, cursors: readonly string[]): Promise<void> {
  const before = server.calls().length;
  for (let at = 0; at < cursors.length; at += 50) {
    const some = cursors.slice(at, at + 50);
    const variables = Object.fromEntries(some.map((cursor, index) => [`c${index}`, cursor]));
    const given = some.map((_, index) => `$c${index}: String`).join(', ');
    const asked = some.map((_, index) => `f${index}: instances(after: $c${index}) { totalCount }`);
    const { data, errors } = await server.query(
      `query (${given}) { ${asked.join(' ')} }`,
      variables,
    );

    expect(Object.values(data)).toEqual(some.map(() => null));
    expect(errors).toHaveLength(some.length);
    for (const error of errors ?? []) {
      expect(error.extensions).toEqual({ code: 'BAD_USER_INPUT', argument: 'after' });
    }
  }
  expect(server.calls().length).toBe(before);
}

test('a null argument counts as one left out', async () => {
  const server = await start({ instances: 60 });
  const page = await pageOf(server, { first: 2, after: null, before: null });
  expect(page.edges).toHaveLength(2);
  const { data } = await server.query(
    '{ instances(first: null, status: null) { edges { cursor } } }',
  );
  expect(data.instances.edges).toHaveLength(50);
});

test('a wrong list leaves the right one beside it alone', async () => {
  const server = await start();
  const { data, errors } = await server.query(/* GraphQL */ `
    {
      wrong: instances(first: 1000) {
        totalCount
      }
      right: instances {
        totalCount
      }
    }
  `);
  expect(data).toEqual({ wrong: null, right: { totalCount: 3 } });
  expect(errors).toMatchObject([{ path: ['wrong'], extensions: { argument: 'first' } }]);
});
