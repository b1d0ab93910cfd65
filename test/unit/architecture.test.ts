import { glob, readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { expect, test } from 'vitest';

/** From the edge inwards: a folder may import those after it, never those before. */
const layers = ['http', 'graphql', 'loaders', 'acting', 'reading', 'enviaai', 'store', 'domain'];

/** Folders of a layer, from its entry inwards; folders of one line do not import each other. */
const foldersOf = new Map([
  [
    'reading',
    [
      ['live'],
      ['list', 'by-id', 'validation'],
      ['session'],
      ['upstream', 'cursor'],
      ['written'],
      ['pages'],
    ],
  ],
  ['enviaai', [['client'], ['response']]],
]);

/** Folders beside the layers, and the layers that each may import. */
const alone = new Map([
  ['config', []],
  ['sandbox', []],
  ['telemetry', ['domain']],
]);

/** The files that put the parts together. */
const seesEverything = (path: string) =>
  path === 'src/app.ts' || path === 'src/main.ts' || path.startsWith('src/app/');

type Sources = ReadonlyMap<string, string>;

const longest = 250;

const src = await sourcesOf('src/**/*.ts');
const all = new Map([...src, ...(await sourcesOf('{test,tools}/**/*.ts'))]);

test('imports go one way, from the edge inwards', () => {
  expect(wrongWays(src)).toEqual([]);
  expect([...src.keys()].filter((path) => path.startsWith('src/domain/'))).not.toEqual([]);
});

test('imports go one way between the folders of a layer', () => {
  expect(wrongFolders(src)).toEqual([]);
  const folders = new Set([...src.keys()].map((path) => path.split('/').slice(0, 3).join('/')));
  for (const [layer, rows] of foldersOf) {
    const known = rows.flat().map((folder) => `src/${layer}/${folder}`);
    const there = [...folders].filter(
      (path) => path.startsWith(`src/${layer}/`) && !path.endsWith('.ts'),
    );
    expect(there.toSorted()).toEqual(known.toSorted());
  }
});

test('no files import each other in a circle, not even types', () => {
  expect(circles(src)).toEqual([]);
});

test('a circle is seen', () => {
  const sources = new Map([
    ['src/http/a.ts', "import { b } from './b.ts';"],
    ['src/http/b.ts', "import { c } from './c.ts';"],
    ['src/http/c.ts', "import type { B } from './b.ts';"],
  ]);
  expect(circles(sources)).toEqual(['src/http/b.ts', 'src/http/c.ts']);
});

test('no file lies flat in http or reading but its entry', () => {
  const isFlat = (path: string) => /^src\/(http|reading)\/[^/]+\.ts$/.test(path);
  expect([...src.keys()].filter(isFlat)).toEqual(['src/http/server.ts']);
});

test('no file name is used in two layers', () => {
  const layersByName = Map.groupBy(
    [...src.keys()].filter((path) => folderOf(path) !== undefined && !path.endsWith('/main.ts')),
    (path) => posix.basename(path),
  );
  const shared = [...layersByName].filter(([, paths]) => new Set(paths.map(folderOf)).size > 1);
  expect(shared).toEqual([]);
});

test('an import crosses folders by name, never by climbing', () => {
  expect(climbs(all)).toEqual([]);
  expect(all.size).toBeGreaterThan(src.size);
});

test('the server needs neither the published schema nor the tests', () => {
  expect(strays(src)).toEqual([]);
});

test('every source file can be read in one sitting', () => {
  expect(tooLong(src)).toEqual([]);
});

test.each([
  ['src/domain/a.ts', "import { b } from '#src/reading/b.ts';"],
  ['src/reading/a.ts', "import type { B } from '#src/graphql/b.ts';"],
  ['src/reading/a.ts', "import { b } from '#src/acting/b.ts';"],
  ['src/store/a.ts', "export { b } from '#src/enviaai/b.ts';"],
  ['src/sandbox/a.ts', "import '#src/domain/b.ts';"],
  ['src/telemetry/a.ts', "const b = await import('#src/http/b.ts');"],
  ['src/http/a.ts', "import { b } from '#src/telemetry/b.ts';"],
  ['src/graphql/node/a.ts', "import { b } from '#src/app.ts';"],
  ['src/new/a.ts', "import { b } from '#src/domain/b.ts';"],
  ['src/config/a.ts', "import { b } from '#src/domain/b.ts';"],
  ['src/new.ts', "import { b } from '#test/domain/b.ts';"],
])('a wrong way is seen: %s, %s', (path, source) => {
  expect(wrongWays(new Map([[path, source]]))).toHaveLength(1);
});

test.each([
  ['src/reading/pages/a.ts', "import { b } from '#src/reading/session/b.ts';"],
  ['src/reading/session/a.ts', "import type { B } from '#src/reading/list/b.ts';"],
  ['src/reading/cursor/a.ts', "import { b } from '#src/reading/upstream/b.ts';"],
  ['src/reading/list/a.ts', "import { b } from '#src/reading/by-id/b.ts';"],
  ['src/reading/upstream/a.ts', "import { b } from '#src/reading/validation/b.ts';"],
  ['src/enviaai/response/a.ts', "import { b } from '#src/enviaai/client/b.ts';"],
])('a wrong way between folders is seen: %s, %s', (path, source) => {
  expect(wrongFolders(new Map([[path, source]]))).toHaveLength(1);
});

test('a climbing import, one of the schema, and a long file are seen', () => {
  const climbing = new Map([['src/http/a.ts', "import { b } from '../../domain/b.ts';"]]);
  const straying = new Map([['src/http/a.ts', "import b from '../../../schema/client/b.ts';"]]);
  expect(climbs(climbing)).toHaveLength(1);
  expect(strays(straying)).toHaveLength(1);
  expect(tooLong(new Map([['src/http/a.ts', '\n'.repeat(longest + 1)]]))).toHaveLength(1);
});

async function sourcesOf(pattern: string): Promise<Sources> {
  const paths = await Array.fromAsync(glob(pattern));
  return new Map(
    await Promise.all(
      paths.map(
        async (path) => [path.replaceAll('\\', '/'), await readFile(path, 'utf8')] as const,
      ),
    ),
  );
}

/** Everything imported, re-exported or loaded by a name that is written down. */
function importsOf(source: string): string[] {
  const named = /^\s*(?:import|export)\b[^;'"]*?['"]([^'"]+)['"]/gm;
  const loaded = /\bimport\(\s*['"]([^'"]+)['"]/g;
  return [...source.matchAll(named), ...source.matchAll(loaded)].map(([, name = '']) => name);
}

/** The file an import of ours names, from the top; undefined: it is a package's. */
function fileOf(path: string, name: string): string | undefined {
  if (name.startsWith('#')) return name.slice(1);
  return name.startsWith('.') ? posix.join(posix.dirname(path), name) : undefined;
}

function ownImports(sources: Sources): { path: string; name: string; file: string }[] {
  return [...sources].flatMap(([path, source]) =>
    importsOf(source).flatMap((name) => {
      const file = fileOf(path, name);
      return file === undefined ? [] : [{ path, name, file }];
    }),
  );
}

const folderOf = (path: string): string | undefined => /^src\/([^/]+)\//.exec(path)?.[1];

function mayImport(path: string, file: string): boolean {
  const from = folderOf(path);
  const to = folderOf(file);
  if (from === undefined || from === 'app') return seesEverything(path);
  if (from === to) return true;
  if (to === undefined) return false;
  const few: readonly string[] | undefined = alone.get(from);
  return few
    ? few.includes(to)
    : layers.includes(from) && layers.indexOf(to) > layers.indexOf(from);
}

/**
 * Where a file's folder is in its layer's order; undefined: the layer has none, or the file is its
 * entry.
 */
function rankOf(path: string): { layer: string; folder: string; rank: number } | undefined {
  const [, layer = '', folder = ''] = path.split('/');
  const rank = foldersOf.get(layer)?.findIndex((row) => row.includes(folder)) ?? -1;
  return rank < 0 ? undefined : { layer, folder, rank };
}

const wrongFolders = (sources: Sources) =>
  ownImports(sources)
    .filter(({ path, file }) => {
      const [from, to] = [rankOf(path), rankOf(file)];
      if (!from || !to || from.layer !== to.layer || from.folder === to.folder) return false;
      return to.rank <= from.rank;
    })
    .map(({ path, name }) => `${path} imports ${name}`);

const wrongWays = (sources: Sources) =>
  ownImports(sources)
    .filter(({ path, file }) => !mayImport(path, file))
    .map(({ path, name }) => `${path} imports ${name}`);

// The published schema is outside the server, and has no name to call it by.
const climbs = (sources: Sources) =>
  ownImports(sources)
    .filter(({ name, file }) => name.startsWith('..') && !file.startsWith('schema/'))
    .map(({ path, name }) => `${path} imports ${name}`);

const strays = (sources: Sources) =>
  ownImports(sources)
    .filter(({ file }) => !file.startsWith('src/'))
    .map(({ path, name }) => `${path} imports ${name}`);

/** The files in circles of imports: what is left without those that import, or are imported by, none. */
function circles(sources: Sources): string[] {
  let edges = ownImports(sources).filter(({ file }) => sources.has(file));
  for (;;) {
    const importers = new Set(edges.map(({ path }) => path));
    const imported = new Set(edges.map(({ file }) => file));
    const rest = edges.filter(({ path, file }) => imported.has(path) && importers.has(file));
    if (rest.length === edges.length) return [...importers].toSorted();
    edges = rest;
  }
}

const tooLong = (sources: Sources) =>
  [...sources]
    .map(([path, source]) => ({ path, lines: source.split('\n').length - 1 }))
    .filter(({ lines }) => lines > longest)
    .map(({ path, lines }) => `${path} has ${lines} lines`);
