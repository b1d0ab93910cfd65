import { execFile } from 'node:child_process';
import { appendFile, cp, readFile, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { start } from '#test/support/start.ts';
import { run, temporaryFolder } from '#test/support/schema/run.ts';

const execute = promisify(execFile);

/** A copy of `schema/` and `client/` in which codegen can check the generated files. */
async function copyOfSchema(): Promise<string> {
  const folder = await temporaryFolder();
  await cp('schema', join(folder, 'schema'), { recursive: true });
  await cp('client', join(folder, 'client'), { recursive: true });
  await symlink(resolve('node_modules'), join(folder, 'node_modules'));
  return folder;
}

const check = (folder: string, config = 'codegen.ts') =>
  run('@graphql-codegen/cli/esm/bin.js', ['--check', '--config', resolve(config)], folder);

test('the generated files in schema/ and client/ are up to date', async () => {
  expect(await check('.')).toEqual({ code: 0, output: expect.any(String) });
});

test('the typed documents of the board are up to date', async () => {
  const checked = await check('.', 'examples/board/codegen.ts');
  expect(checked).toEqual({ code: 0, output: expect.any(String) });
});

test('the check fails for outdated files, and names each of them', async () => {
  const files = [
    'schema/schema.graphql',
    'schema/subgraph.graphql',
    'schema/client/graphql.ts',
    'schema/client/gql.ts',
    'schema/client/persisted-documents.json',
    'client/generated.ts',
  ];
  const folder = await copyOfSchema();
  for (const file of files) await appendFile(join(folder, file), '# another day\n');
  const { code, output } = await check(folder);
  expect(code).toBe(1);
  for (const file of files) expect(output).toContain(`- ${file}`);
});

test('the typed documents run without a build', async () => {
  const fileOf = (name: string) =>
    JSON.stringify(pathToFileURL(resolve('schema/client', name)).href);
  const script = `
    import * as documents from ${fileOf('graphql.ts')};
    import * as index from ${fileOf('index.ts')};
    console.log(...Object.keys(documents), ...Object.keys(index));`;
  const command = ['--input-type=module', '--eval', script];
  const { stdout } = await execute(process.execPath, command);
  expect(stdout).toBe('ConnectedInstancesDocument InstanceDocument InstanceListDocument graphql\n');
});

test('_service returns the published subgraph, without a key and without a call', async () => {
  const server = await start();
  const { data } = await server.query('{ service: _service { sdl } }', {}, { authorization: '' });
  expect(data.service.sdl.trim()).toBe((await readFile('schema/subgraph.graphql', 'utf8')).trim());
  expect(server.calls()).toEqual([]);
});
