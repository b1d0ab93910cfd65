import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ConfigError, type Env, parseConfig } from '#src/config/config.ts';
import { secretNames, withSecretFiles } from '#src/config/secret-files.ts';

async function fileWith(content: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'secrets-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'secret');
  await writeFile(path, content);
  return path;
}

function problemsOf(env: Env): readonly string[] {
  try {
    withSecretFiles(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
  }
  throw new Error('The files were accepted');
}

test.each(secretNames)('%s can be in a file', async (name) => {
  const path = await fileWith('redis://a');
  expect(withSecretFiles({ [`${name}_FILE`]: path })).toMatchObject({ [name]: 'redis://a' });
});

test.each([
  ['key\n', 'key'],
  ['key\r\n', 'key'],
  ['key', 'key'],
  ['key\n\n', 'key\n'],
  [' key ', ' key '],
])('one line break at the end of the file is removed: %j', async (content, secret) => {
  const path = await fileWith(content);
  expect(withSecretFiles({ ENVIAAI_API_KEY_FILE: path })['ENVIAAI_API_KEY']).toBe(secret);
});

test('the secret of a file is checked like that of a variable', async () => {
  const ENVIAAI_API_KEY_FILE = await fileWith('sk_live_1');
  expect(() => parseConfig(withSecretFiles({ ENVIAAI_API_KEY_FILE }))).toThrow(
    'ENVIAAI_API_KEY: must not be set with AUTH=passthrough',
  );
  const env = withSecretFiles({ AUTH: 'none', ENVIAAI_API_KEY_FILE });
  expect(parseConfig(env).auth).toEqual({ kind: 'none', apiKey: 'sk_live_1' });
});

test('a secret and its file are a problem together, and so are files that cannot be used', async () => {
  const path = await fileWith('redis://user:word@host');
  expect(problemsOf({ REDIS_URL: 'redis://a', REDIS_URL_FILE: path })).toEqual([
    'REDIS_URL_FILE: must not be set if REDIS_URL is',
  ]);
  expect(problemsOf({ ENVIAAI_API_KEY_FILE: `${path}.none`, REDIS_URL_FILE: tmpdir() })).toEqual([
    'ENVIAAI_API_KEY_FILE: the file does not exist',
    'REDIS_URL_FILE: the file cannot be read',
  ]);
  const empty = await fileWith('\n');
  expect(problemsOf({ REDIS_URL_FILE: empty })).toEqual(['REDIS_URL_FILE: the file is empty']);
});

test('an empty variable counts as absent, for the secret and for its file', async () => {
  const path = await fileWith('redis://a');
  expect(withSecretFiles({ REDIS_URL: '', REDIS_URL_FILE: path })['REDIS_URL']).toBe('redis://a');
  expect(withSecretFiles({ REDIS_URL: 'redis://b', REDIS_URL_FILE: '' })['REDIS_URL']).toBe(
    'redis://b',
  );
});
