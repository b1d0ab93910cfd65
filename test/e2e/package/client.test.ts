import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import process from 'node:process';
import { createContext, runInContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { buildSchema, validate } from 'graphql';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { start } from '#test/support/start.ts';
import { problemsOf } from '#test/support/package/checks.ts';
import {
  type Tarball,
  emptyFolder,
  packedBy,
  resolutions,
  run,
  strict,
  tsc,
} from '#test/support/package/packing.ts';

const folder = await emptyFolder();
let tarball: Tarball;

/** Packing takes long on a busy machine. */
const slowMs = 120_000;

beforeAll(async () => {
  tarball = await packedBy('pack:client', folder);
  await writeFile(join(folder.path, 'package.json'), '{ "private": true, "type": "module" }');
  const quietly = ['--offline', '--no-audit', '--no-fund'];
  const { code, errors } = await run('npm', ['install', ...quietly, tarball.path], folder.path);
  if (code !== 0) throw new Error(errors);
}, slowMs);
afterAll(folder.remove);

const screen = (url: string) => `
import { createClient, EnviaaiError } from 'enviaai-graphql-client';

const client = createClient({ url: '${url}', token: 'test' });
try {
  const { data, totalCount, calls } = await client.instances.list({ status: 'connected' });
  const names: string[] = data.map((instance) => instance.name);
  console.log(JSON.stringify({ names, totalCount, calls }));
} catch (error) {
  if (error instanceof EnviaaiError) console.log(error.code, error.retryAfter);
}
`;

test('a program of ten lines in an empty folder compiles in strict mode and lists instances', async () => {
  const server = await start();
  await writeFile(join(folder.path, 'screen.ts'), screen(server.url));
  for (const [, how] of resolutions) {
    expect(await tsc([...strict, ...how, 'screen.ts'], folder.path)).toMatchObject({ output: '' });
  }
  const { output } = await run(process.execPath, ['screen.ts'], folder.path);
  expect(JSON.parse(output)).toEqual({
    names: ['Sales WhatsApp', 'Support WhatsApp'],
    totalCount: 2,
    calls: 1,
  });
  expect(server.calls()).toEqual(['GET /instances?status=connected&limit=100&offset=0']);
});

test.each(resolutions)(
  'a misspelt name does not compile, as %s resolves the types',
  async (_, how) => {
    const right = screen('http://localhost');
    const mistakes = [
      [`instance.name`, 'instance.nmae', "'nmae'"],
      [`status: 'connected'`, `status: 'conected'`, 'conected'],
      [`status: 'connected'`, `states: 'connected'`, "'states'"],
      [`string[]`, 'number[]', "'number[]'"],
    ] as const;
    const files = mistakes.map((_, at) => `wrong${at}.ts`);
    for (const [at, [from, to]] of mistakes.entries()) {
      await writeFile(join(folder.path, files[at] ?? ''), right.replace(from, to));
    }
    const { code, output } = await tsc([...strict, ...how, ...files], folder.path);
    expect(code).not.toBe(0);
    for (const [at, [, , named]] of mistakes.entries()) {
      const errors = output.split('\n').filter((line) => line.startsWith(files[at] ?? ''));
      expect(errors.join('\n')).toContain(named);
    }
  },
);

test.each(['README.md', 'docs/clients.md', 'client/README.md'])(
  'the example of %s compiles',
  async (page) => {
    const text = await readFile(page, 'utf8');
    const shown = [...text.matchAll(/```ts\n([^]*?)```/g)].map(([, code = '']) => code);
    const ofClient = shown.filter((code) =>
      code.includes("import { createClient } from 'enviaai-graphql"),
    );
    expect(ofClient).toHaveLength(1);
    const code = ofClient.join('').replace('enviaai-graphql/client', 'enviaai-graphql-client');
    const session = 'declare const session: { token(): Promise<string> };\n';
    await writeFile(join(folder.path, 'shown.ts'), session + code);
    const how = ['--module', 'nodenext', 'shown.ts'];
    expect(await tsc([...strict, ...how], folder.path)).toMatchObject({ output: '' });
  },
);

test('require returns the same exports', async () => {
  const program = `console.log(Object.keys(require('enviaai-graphql-client')).join())`;
  await writeFile(join(folder.path, 'old.cjs'), program);
  const { output } = await run(process.execPath, ['old.cjs'], folder.path);
  expect(output.trim().split(',').toSorted()).toEqual(['EnviaaiError', 'createClient']);
});

test('the client has no dependencies', async () => {
  const installed = join(folder.path, 'node_modules/enviaai-graphql-client/package.json');
  const manifest = JSON.parse(await readFile(installed, 'utf8'));
  expect(Object.keys(manifest)).not.toContain('dependencies');
  const { output } = await run('npm', ['ls', '--all', '--parseable'], folder.path);
  expect(
    output
      .trim()
      .split('\n')
      .slice(1)
      .map((path) => basename(path)),
  ).toEqual(['enviaai-graphql-client']);
});

const documents = `
import { InstanceListDocument, type InstanceListQuery, type InstanceStatusFilter } from 'enviaai-graphql-client/documents';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';

const document: TypedDocumentNode<InstanceListQuery, { status?: InstanceStatusFilter | null }> = InstanceListDocument;
const [definition] = document.definitions;
if (definition?.kind === 'OperationDefinition') console.log(definition.name?.value);
`;

test('the typed documents of the package compile without a bundler, run, and match its schema', async () => {
  // In another folder: the package alone has no dependencies.
  const frontend = join(folder.path, 'frontend');
  const installed = join(frontend, 'node_modules/enviaai-graphql-client');
  await cp(join(folder.path, 'node_modules/enviaai-graphql-client'), installed, {
    recursive: true,
  });
  await mkdir(join(frontend, 'node_modules/@graphql-typed-document-node'));
  for (const name of ['graphql', '@graphql-typed-document-node/core']) {
    await symlink(resolve('node_modules', name), join(frontend, 'node_modules', name));
  }
  await writeFile(join(frontend, 'package.json'), '{ "type": "module" }');
  await writeFile(join(frontend, 'documents.ts'), documents);
  for (const [, how] of resolutions) {
    expect(await tsc([...strict, ...how, 'documents.ts'], frontend)).toMatchObject({ output: '' });
    const wrong = documents.replace('InstanceStatusFilter | null', 'number');
    await writeFile(join(frontend, 'wrong.ts'), wrong);
    expect((await tsc([...strict, ...how, 'wrong.ts'], frontend)).output).toContain('wrong.ts');
  }
  const { output } = await run(process.execPath, ['documents.ts'], frontend);
  expect(output).toBe('InstanceList\n');
  const required = "console.log(require('enviaai-graphql-client/documents').InstanceDocument.kind)";
  await writeFile(join(frontend, 'old.cjs'), required);
  expect((await run(process.execPath, ['old.cjs'], frontend)).output).toBe('Document\n');

  const { InstanceListDocument } = await import(join(installed, 'documents/graphql.js'));
  const schema = buildSchema(await readFile(join(installed, 'schema.graphql'), 'utf8'));
  expect(validate(schema, InstanceListDocument)).toEqual([]);
});

test('bundled and minified the client is under 14 KB, and needs only fetch and timers', async () => {
  const server = await start();
  const entry = join(folder.path, 'entry.js');
  await writeFile(entry, "export { createClient } from 'enviaai-graphql-client';");
  const bundle = await rolldown({ input: entry, platform: 'browser', cwd: folder.path });
  const { output } = await bundle.generate({ format: 'iife', name: 'enviaai', minify: true });
  const { code } = output[0];
  expect(code.length).toBeLessThan(14_000);
  expect(gzipSync(code).length).toBeLessThan(5500);

  // Only the globals of an edge runtime.
  const platform = createContext({ fetch, setTimeout, clearTimeout, url: server.url });
  runInContext(code, platform);
  const names = await runInContext(
    `enviaai.createClient({ url, token: 'test' }).instances.list().then(({ data }) => data.length)`,
    platform,
  );
  expect(names).toBe(3);
});

test('types and manifest pass publint and arethetypeswrong, for every resolver', async () => {
  expect(await problemsOf(tarball.path)).toEqual([]);
});
