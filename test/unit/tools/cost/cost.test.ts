import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parse } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { worstOfAny } from '#src/graphql/complexity/worst-of-any.ts';
import { createSubgraphSchema } from '#src/graphql/schema.ts';
import { startingRows } from '#src/sandbox/account/grow.ts';
import { start } from '#test/support/start.ts';

const schema = createSubgraphSchema();
const instances = 1000;
const worst = (text: string) => worstOfAny(parse(text), { schema, instances, ids: 1000 }).calls;

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'cost-'))));
afterAll(() => rm(folder, { recursive: true }));

const { NODE_COMPILE_CACHE = '' } = process.env;

/** Runs `npm run cost --` with this environment and no other. */
const cost = (args: readonly string[], env: Record<string, string> = {}) =>
  new Promise<{ code: number | null; output: string[]; errors: string }>((done) => {
    const child = execFile(
      process.execPath,
      ['tools/cost/main.ts', ...args],
      { env: { NODE_COMPILE_CACHE, ...env } },
      (_, output, errors) =>
        done({ code: child.exitCode, output: output.trim().split('\n'), errors }),
    );
  });

async function written(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

test('each operation of this repository has a cost within the limit', async () => {
  const { code, output } = await cost(['schema/operations', 'examples/*/src/**/*.graphql']);
  expect(output.slice(0, -1)).toEqual([
    'ConnectedInstances: at most 9 of 50 a minute',
    'InstanceList: at most 9 of 50 a minute',
    'Instance: at most 1 of 50 a minute',
    'Board: at most 9 of 50 a minute',
    'Watch: at most 11 of 50 a minute',
    'Budget: at most 0 of 50 a minute',
    'Create: at most 2 of 50 a minute',
    'ChangeSettings: at most 2 of 50 a minute',
    'Disconnect: at most 2 of 50 a minute',
    'Connect: at most 2 of 50 a minute',
    'QrCode: at most 2 of 50 a minute',
  ]);
  expect(output.at(-1)).toContain('For an account of 1000 instances');
  expect(code).toBe(0);
});

test('an operation over the limit is marked, and the exit code is 1', async () => {
  const path = await written('ids.graphql', 'query Ids($ids: [ID!]!) { nodes(ids: $ids) { id } }');
  const { code, output } = await cost([path, '--instances', '5000']);
  expect(output[0]).toBe('Ids: at most 56 of 50 a minute, more than 25');
  expect(code).toBe(1);
  expect(await cost([path, '--instances=5000', '--ids=9'])).toMatchObject({ code: 0 });
  expect(await cost([path, '--limit=10'])).toMatchObject({ code: 1 });
  expect(await cost([path], { MAX_UPSTREAM_CALLS: '10' })).toMatchObject({ code: 1 });
});

test('fragments may be in a separate file', async () => {
  const fragment = await written('f.graphql', 'fragment F on Query { instance(id: "x") { id } }');
  const path = await written('q.graphql', 'query Q { ...F }');
  const { output } = await cost([path, fragment]);
  expect(output[0]).toBe('Q: at most 1 of 50 a minute');
});

test('an existing path is never a pattern; a folder includes all its documents but those of packages', async () => {
  const text = 'query Q { instance(id: "x") { id } }';
  await mkdir(join(folder, 'app/[id]/node_modules/other'), { recursive: true });
  const page = await written('app/[id]/page.gql', text);
  await written('app/[id]/node_modules/other/q.graphql', text.replace('Q', 'Other'));
  const { output } = await cost([join(folder, 'app')]);
  expect(output).toHaveLength(2);
  expect(output[0]).toBe('Q: at most 1 of 50 a minute');
  expect((await cost([page])).output).toEqual(output);
  expect((await cost([join(folder, 'app/[id]')])).output).toEqual(output);
  expect((await cost([join(folder, 'a*/*/*.gql')])).output).toEqual(output);
});

test('variables of other programs are ignored', async () => {
  const { code } = await cost([], { NODE_ENV: 'staging', PORT: 'http', AUTH: 'basic' });
  expect(code).toBe(0);
  const { errors } = await cost([], { MAX_UPSTREAM_CALLS: 'many', MAX_IDS: 'all' });
  expect(errors).toMatch(/^MAX_IDS: .*\nMAX_UPSTREAM_CALLS: .*\n$/);
});

test('every problem is reported on a separate line, with its place', async () => {
  const one = await written('one.graphql', 'query One {');
  const two = await written('two.graphql', 'query Two {\n  name\n}');
  const { code, output, errors } = await cost([one, two]);
  expect({ code, output }).toEqual({ code: 2, output: [''] });
  expect(errors.trim().split('\n').toSorted()).toEqual([
    expect.stringContaining('one.graphql:1:12: Syntax Error'),
    expect.stringContaining('two.graphql:2:3: Cannot query field "name"'),
  ]);
});

test('--help names every flag', async () => {
  const { code, output } = await cost(['--help']);
  for (const flag of ['--instances', '--limit', '--ids', '--help']) {
    expect(output.join('\n')).toContain(flag);
  }
  expect(code).toBe(0);
});

test.each([
  ['an unknown flag', ['--instancs=5'], 'instancs'],
  ['an invalid number', ['--limit=many'], '--limit must be a whole number'],
  ['a missing document', ['nowhere/*.graphql'], 'nowhere/*.graphql: no document found'],
  ['a file without GraphQL', ['LICENSE'], 'LICENSE:1:1: Syntax Error'],
  ['no operation', ['schema/schema.graphql'], 'These documents contain no operation'],
  [
    'another schema',
    ['test/support/cost/wrong.graphql'],
    'Cannot query field "name" on type "Query"',
  ],
])('%s is reported in one line', async (_, args, problem) => {
  const { code, output, errors } = await cost(args);
  expect(errors).toContain(problem);
  expect(errors.match(/\n/g)).toHaveLength(1);
  expect({ code, output }).toEqual({ code: 2, output: [''] });
});

test('where a variable decides what is executed, the more expensive way counts', () => {
  const either = (condition: string) => `query ($x: Boolean!, $a: String) {
    a: instances(after: $a) @include(if: $x) { totalCount }
    b: instances(last: 5) ${condition} { totalCount } }`;
  expect(worst(either('@skip(if: $x)'))).toBe(9);
  expect(worst(either('@include(if: $x)'))).toBe(12);
  const two = 'a: instances(status: CONNECTED) { totalCount }';
  expect(
    worst(`query ($s: InstanceStatusFilter) { ${two} b: instances(status: $s) { totalCount } }`),
  ).toBe(2);
  const relay = 'first: $first, after: $after, last: $last, before: $before';
  expect(
    worst(`query ($first: Int, $after: String, $last: Int, $before: String) {
      instances(${relay}) { totalCount } }`),
  ).toBe(9);
  const many = Array.from({ length: 15 }, (_, at) => `$x${at}: Boolean!`).join();
  const uses = Array.from({ length: 15 }, (_, at) => `a${at}: __typename @skip(if: $x${at})`);
  expect(() => worst(`query (${many}) { ${uses.join(' ')} }`)).toThrow('too many combinations');
});

const ids = startingRows(instances).map(({ id }) => String(id));
const operation = (name: string) => readFileSync(`schema/operations/${name}.graphql`, 'utf8');

test.each([
  ['a list', operation('instance-list'), (after: string) => ({ after, first: 100 })],
  ['the start of a list', operation('instance-list'), () => ({})],
  ['an instance', operation('instance'), () => ({ id: 'none' })],
  [
    'the end of a list',
    'query ($last: Int, $before: String) { instances(last: $last, before: $before) { totalCount } }',
    (before: string) => ({ before, last: 100 }),
  ],
  [
    'ids',
    'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }',
    () => ({ ids: ids.map((id) => `${id}x`) }),
  ],
  [
    'references',
    'query ($of: [_Any!]!) { _entities(representations: $of) { __typename } }',
    () => ({ of: ids.slice(0, 100).map((id) => ({ __typename: 'Instance', id })) }),
  ],
  [
    'all at once',
    `query ($after: String, $ids: [ID!]!, $on: Boolean!) {
      instances(after: $after) { totalCount } nodes(ids: $ids) @include(if: $on) { id } }`,
    (after: string) => ({ after, ids: ids.map((id) => `${id}x`), on: true }),
  ],
])(
  'no document causes more calls than computed, also after rows are deleted: %s',
  async (_, document, variables) => {
    const first = await start({ instances });
    const offset = 450;
    let after: string | null = null;
    for (let at = 0; at < offset; at += 90) {
      const page = await first.query(
        'query ($after: String) { instances(first: 90, after: $after) { pageInfo { endCursor } } }',
        { after },
      );
      after = page.data.instances.pageInfo.endCursor;
    }
    first.sandbox.control.remove({ key: 'test', ids: ids.slice(offset - 40, offset + 40) });

    // A new server: its cache is empty.
    const env = { MAX_UPSTREAM_CALLS: '1000', ENVIAAI_RATE_PER_MINUTE: '1000' };
    const server = await start({ upstream: first.sandbox.url, env });
    const before = first.calls().length;
    await server.query(document, variables(String(after)));
    const calls = first.calls().length - before;
    expect(calls).toBeGreaterThan(0);
    expect(calls).toBeLessThanOrEqual(worst(document));
  },
);
