import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { variableNames } from '#src/config/config.ts';
import { start } from '#test/support/start.ts';

const readme = await readFile('README.md', 'utf8');
const manifest = JSON.parse(await readFile('package.json', 'utf8'));

test('the README explains every variable there is, and no other', async () => {
  const documented = codesOf(firstCells(section('Configuration')));
  expect(documented.toSorted()).toEqual([...variableNames].toSorted());
  const example = parseEnv(await readFile('.env.example', 'utf8'));
  expect(documented.toSorted()).toEqual(Object.keys(example).toSorted());
});

test('the defaults in the README are those of the example file', async () => {
  const example = parseEnv(await readFile('.env.example', 'utf8'));
  for (const [name, value] of tableRows(section('Configuration')).map(([cell, value]) => [
    codesOf([cell])[0] ?? '',
    codesOf([value])[0],
  ])) {
    if (example[name ?? '']) expect([name, value]).toEqual([name, example[name ?? '']]);
  }
});

test('the first query of the README gets the answer that stands below it', async () => {
  const [, query = ''] = /```graphql\n([^]*?)```/.exec(readme) ?? [];
  const [, answer = ''] = /```json\n([^]*?)```/.exec(readme) ?? [];
  const server = await start();
  const { data, extensions } = await server.query(query);
  const told = JSON.parse(answer);
  const asOf: unknown = expect.stringMatching(/^\d{4}-.*Z$/);
  expect(told.extensions.enviaai.asOf).toEqual(asOf);
  expect({ data, extensions }).toEqual({
    data: told.data,
    extensions: { enviaai: { ...told.extensions.enviaai, asOf } },
  });
});

test('the README lists every error code that the server can give', async () => {
  const documented = codesOf(firstCells(section('Errors')));
  const given = new Set<string>();
  for await (const path of glob('src/{graphql,http}/**/*.ts')) {
    const source = await readFile(path, 'utf8');
    for (const [, code = ''] of source.matchAll(/\bcode: '([A-Z_]+)'/g)) given.add(code);
  }
  // The library's own, as it gives them.
  given.add('GRAPHQL_PARSE_FAILED').add('GRAPHQL_VALIDATION_FAILED');
  expect(documented.toSorted()).toEqual([...given].toSorted());
});

test('the README gives a reason for every package, and names no other', () => {
  const documented = codesOf(firstCells(section('What it is built on')));
  const taken = [
    ...Object.keys(manifest.dependencies),
    ...Object.keys(manifest.devDependencies),
    ...Object.keys(manifest.optionalDependencies),
  ];
  expect(documented.toSorted()).toEqual(taken.toSorted());
});

test('the README names every command, and none that there is not', () => {
  const named = [...readme.matchAll(/\bnpm (?:run )?([a-z]+(?::[a-z]+)?)\b/g)].map(
    ([, name = '']) => name,
  );
  const commands = named.filter((name) => !['ci', 'may', 'pack', 'install'].includes(name));
  // Those that npm runs by itself need no naming.
  const own = Object.keys(manifest.scripts).filter((name) => !/^(?:pre|post)/.test(name));
  expect(new Set(commands)).toEqual(new Set(own));
});

test.each(['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'src/README.md'])(
  'every link of %s leads to a file that is there',
  async (page) => {
    const text = await readFile(page, 'utf8');
    const folder = page.slice(0, page.lastIndexOf('/') + 1);
    const links = [...text.matchAll(/\]\(([^)#]+?)(?:#[^)]*)?\)/g)].map(([, link = '']) => link);
    const lost = links.filter((link) => !/^https?:/.test(link) && !existsSync(folder + link));
    expect(lost).toEqual([]);
  },
);

/** What stands under a heading, up to the next of its kind or higher. */
function section(heading: string): string {
  const [, level = '', rest = ''] = new RegExp(`^(#+) ${heading}\n([^]*)`, 'm').exec(readme) ?? [];
  if (!rest) throw new Error(`The README has no heading "${heading}"`);
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
