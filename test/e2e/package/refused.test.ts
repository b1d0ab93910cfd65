import { readdir, readFile } from 'node:fs/promises';
import { afterAll, expect, test } from 'vitest';
import { copyOfRepository, emptyFolder, run } from '#test/support/package/packing.ts';

const folder = await emptyFolder();
afterAll(folder.remove);

test('npm pack in the repository fails with one line that names the scripts to use', async () => {
  const copy = await copyOfRepository(folder);
  const before = await readdir(copy);

  const { code, output, errors } = await run('npm', ['pack', '--silent'], copy);

  expect(code).not.toBe(0);
  expect(output).toBe('');
  expect(errors.trim().split('\n')).toEqual([
    expect.stringMatching(
      /^Nothing is packed from this folder: "npm run pack:server" .*"npm run pack:client"/,
    ),
  ]);
  expect(await readdir(copy)).toEqual(before);
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8'));
  const named = [...errors.matchAll(/npm run ([a-z:]+)/g)].map(([, name]) => name);
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named));
});
