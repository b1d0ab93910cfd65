import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { variableNames } from '#src/config/config.ts';
import { start } from '#test/support/start.ts';

const readme = await readFile('README.md', 'utf8');
const configuration = await readFile('docs/configuration.md', 'utf8');
const manifest = JSON.parse(await readFile('package.json', 'utf8'));
const workspace = JSON.parse(await readFile('test/e2e/packages/package.json', 'utf8'));

test('docs/configuration.md explains every variable there is, and no other', async () => {
  const documented = codesOf(firstCells(configuration));
  expect(documented.toSorted()).toEqual([...variableNames].toSorted());
  const example = parseEnv(await readFile('.env.example', 'utf8'));
  expect(documented.toSorted()).toEqual(Object.keys(example).toSorted());
});

test.each([
  ['the README', section(readme, 'Configuration')],
  ['docs/configuration.md', configuration],
])('the variables and defaults in %s are those of the example file', async (_, text) => {
  const example = parseEnv(await readFile('.env.example', 'utf8'));
  for (const [name, value] of tableRows(text).map(([cell, value]) => [
    codesOf([cell])[0] ?? '',
    codesOf([value])[0],
  ])) {
    expect(variableNames).toContain(name);
    if (example[name ?? '']) expect([name, value]).toEqual([name, example[name ?? '']]);
  }
});

test('the first query of the README gets the answer that stands below it', async () => {
  const [, query = ''] = /```graphql\n([^]*?)```/.exec(readme) ?? [];
  const [, answer = ''] = /```json\n([^]*?)```/.exec(readme) ?? [];
  const server = await start({ ratePerMinute: 50 });
  const { data, extensions } = await server.query(query);
  const told = JSON.parse(answer);
  const asOf: unknown = expect.stringMatching(/^\d{4}-.*Z$/);
  expect(told.extensions.enviaai.asOf).toEqual(asOf);
  expect({ data, extensions }).toEqual({
    data: told.data,
    extensions: { enviaai: { ...told.extensions.enviaai, asOf } },
  });
});

test('docs/errors.md lists every error code that the server can give', async () => {
  const errors = await readFile('docs/errors.md', 'utf8');
  const documented = codesOf(firstCells(section(errors, 'Codes')));
  const given = new Set<string>();
  for await (const path of glob('src/{graphql,http}/**/*.ts')) {
    const source = await readFile(path, 'utf8');
    for (const [, code = ''] of source.matchAll(/\bcode: '([A-Z_]+)'/g)) given.add(code);
  }
  // The library's own, as it gives them.
  given.add('GRAPHQL_PARSE_FAILED').add('GRAPHQL_VALIDATION_FAILED');
  expect(documented.toSorted()).toEqual([...given].toSorted());
});

test('docs/dependencies.md gives a reason for every package, and names no other', async () => {
  const documented = codesOf(firstCells(await readFile('docs/dependencies.md', 'utf8')));
  const taken = [
    ...Object.keys(manifest.dependencies),
    ...Object.keys(manifest.devDependencies),
    ...Object.keys(manifest.optionalDependencies),
    ...Object.keys(workspace.devDependencies),
  ];
  expect(documented.toSorted()).toEqual(taken.toSorted());
});

test('the README names every command, and none that there is not', () => {
  const named = [...readme.matchAll(/\bnpm (?:run )?([a-z]+(?::[a-z\d]+)?)\b/g)].map(
    ([, name = '']) => name,
  );
  const commands = named.filter((name) => name !== 'ci');
  // Those that npm runs by itself need no naming.
  const own = Object.keys(manifest.scripts).filter((name) => !/^(?:pre|post)/.test(name));
  expect(new Set(commands)).toEqual(new Set(own));
});

test('the README has a line for every page of docs/', async () => {
  const index = section(readme, 'Documentation');
  const linked = [...index.matchAll(/^- \[(docs\/[^\]]+)\]\(\1\): /gm)].map(
    ([, page = '']) => page,
  );
  expect(linked.toSorted()).toEqual((await Array.fromAsync(glob('docs/*.md'))).toSorted());
});

test.each([
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'src/README.md',
  'client/README.md',
  'examples/board/README.md',
  ...(await Array.fromAsync(glob('docs/*.md'))),
])('every link of %s leads to a file that is there', async (page) => {
  const text = await readFile(page, 'utf8');
  const links = [...text.matchAll(/\]\(([^)#]+?)(?:#[^)]*)?\)/g)].map(([, link = '']) => link);
  const lost = links.filter(
    (link) => !/^https?:/.test(link) && !existsSync(join(page, '..', link)),
  );
  expect(lost).toEqual([]);
});

/** What stands under a heading, up to the next of its kind or higher. */
function section(page: string, heading: string): string {
  const [, level = '', rest = ''] = new RegExp(`^(#+) ${heading}\n([^]*)`, 'm').exec(page) ?? [];
  if (!rest) throw new Error(`The page has no heading "${heading}"`);
  const next = new RegExp(`^#{1,${level.length}} `, 'm').exec(rest);
  return next ? rest.slice(0, next.index) : rest;
}

/** The cells of all tables, without their headings. */
function tableRows(text: string): [string, string][] {
  const rows = text.split('\n').filter((line) => line.startsWith('|'));
  return rows.flatMap((line, index): [string, string][] => {
    const isHeading = rows[index + 1]?.startsWith('| ---') || line.startsWith('| ---');
    const [, first = '', second = ''] = line.split('|').map((cell) => cell.trim());
    return isHeading ? [] : [[first, second]];
  });
}

const firstCells = (text: string): string[] => tableRows(text).map(([first]) => first);

const codesOf = (cells: readonly string[]): string[] =>
  cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code));
