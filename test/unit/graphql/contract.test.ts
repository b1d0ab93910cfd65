import { readFile } from 'node:fs/promises';
import { buildSchema } from 'graphql';
import { expect, test } from 'vitest';
import {
  breaksOf,
  declaredIn,
  disagreements,
  vagueDeprecations,
} from '#test/support/contract/contract.ts';

const changelog = await readFile('CHANGELOG.md', 'utf8');
const releasedSdl = await readFile('schema/released.graphql', 'utf8');
const released = buildSchema(releasedSdl);
const current = buildSchema(await readFile('schema/schema.graphql', 'utf8'));

test('the schema has no breaking change since the last release that the changelog does not declare', () => {
  expect(disagreements(released, current, changelog)).toEqual([]);
});

test('each deprecation has a reason and a date', () => {
  expect(vagueDeprecations(current)).toEqual([]);
});

test('released.graphql is the schema of the newest version', async () => {
  const [, newest] = /^## (\d+\.\d+\.\d+)/m.exec(changelog) ?? [];
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
  const [, contract] = /^# The contract as of ([\d.]+):/.exec(releasedSdl) ?? [];
  expect([contract, version]).toEqual([newest, newest]);
});

const sampleText = `
  directive @live(seconds: Int) on QUERY
  scalar When
  interface Named { name: String! }
  type Line implements Named { name: String! phone: String at(zone: String): When }
  type Group { size: Int }
  union Any = Line | Group
  enum State { ON OFF }
  input Filter { state: State }
  type Query { line(id: ID!): Line any: Any group: Group lines(filter: Filter, first: Int): [Line] }
`;
const sample = buildSchema(sampleText);
const sdl = (change: (text: string) => string) => buildSchema(change(sampleText));

test.each([
  ['Line.phone', 'phone: String', ''],
  ['Line.phone', 'phone: String', 'phone: Int'],
  ['Line.at', ': When', ': String'],
  ['Query.lines(first:)', ', first: Int', ''],
  ['Query.lines(first:)', 'first: Int', 'first: String'],
  ['Query.lines(last:)', 'first: Int', 'first: Int, last: Int!'],
  ['State.OFF', ' OFF', ''],
  ['Filter.name', 'state: State', 'state: State name: String!'],
  ['Filter.state', 'state: State', 'name: String'],
  ['Any', '| Group', ''],
  ['Line', 'implements Named', ''],
  ['@live(seconds:)', '(seconds: Int)', ''],
  ['@live', 'on QUERY', 'on FIELD'],
])(
  'a breaking change of %s is found, and accepted once it is declared: %s → %s',
  (coordinate, from, to) => {
    const next = sdl((text) => text.replace(from, to));
    expect(breaksOf(sample, next).map((found) => found.coordinate)).toContain(coordinate);
    const undeclared = '## Unreleased\n\n- Something else.\n\n## 0.1.0\n';
    expect(disagreements(sample, next, undeclared)).not.toEqual([]);
    const declarations = breaksOf(sample, next).map(
      (found) => `- BREAKING: \`${found.coordinate}\` goes.\n`,
    );
    expect(disagreements(sample, next, `## Unreleased\n\n${declarations.join('')}`)).toEqual([]);
  },
);

test('only the unreleased section counts, and a declaration without a breaking change is rejected', () => {
  const next = sdl((text) => text.replace('phone: String', ''));
  const old = '## Unreleased\n\n## 0.1.0\n\n- BREAKING: `Line.phone` goes.\n';
  expect(disagreements(sample, next, old)).toEqual([
    '`Line.phone` is not declared: Line.phone was removed.',
  ]);
  const idle = '## Unreleased\n\n- BREAKING: `Line.name` goes.\n';
  expect(declaredIn(idle)).toEqual(['Line.name']);
  expect(disagreements(sample, sample, idle)).toEqual([
    '`Line.name` is declared, but nothing breaks there',
  ]);
});

test.each([
  ['phone: String', 'phone: String @deprecated', 1],
  ['phone: String', 'phone: String @deprecated(reason: "Ask `number` instead.")', 1],
  ['phone: String', 'phone: String @deprecated(reason: "2027-03-01")', 1],
  ['phone: String', 'phone: String @deprecated(reason: "Gone from 2027-13-41: ask `number`.")', 1],
  [' OFF', ' OFF @deprecated', 1],
  ['first: Int', 'first: Int @deprecated', 1],
  ['state: State', 'state: State @deprecated', 1],
  ['phone: String', 'phone: String @deprecated(reason: "From 2027-03-01 gone: ask `number`.")', 0],
])('a deprecation must have a reason and a date: %s → %s', (from, to, vague) => {
  expect(vagueDeprecations(sdl((text) => text.replace(from, to)))).toHaveLength(vague);
});

test('the version is the same in the changelog, the packages and the documentation', async () => {
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
  const lock = JSON.parse(await readFile('package-lock.json', 'utf8')) as {
    version: string;
    packages: Record<string, { version: string }>;
  };
  expect([lock.version, lock.packages['']?.version]).toEqual([version, version]);
  const [heading = ''] = /^## \d.*$/m.exec(changelog) ?? [];
  expect(heading).toMatch(/^## \d+\.\d+\.\d+ \(\d{4}-\d{2}-\d{2}\)$/);
  expect(changelog.indexOf('## Unreleased\n')).toBeLessThan(changelog.indexOf(heading));
  const clients = await readFile('docs/clients.md', 'utf8');
  const packed = [...clients.matchAll(/enviaai-graphql(?:-client)?-(\d[\d.]*\d)\.tgz/g)];
  expect(new Set(packed.map(([, of]) => of))).toEqual(new Set([version]));
});
