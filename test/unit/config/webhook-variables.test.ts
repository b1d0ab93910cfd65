import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createApp } from '#src/app.ts';
import { ConfigError, type Env, parseConfig } from '#src/config/config.ts';
import { readWebhookAccounts } from '#src/config/webhook-variables.ts';
import { createLog } from '#src/telemetry/log.ts';
import { subgraphSchema } from '#test/support/schema/subgraph-schema.ts';

const keySha256 = 'a'.repeat(64);
const account = { name: 'sales', keySha256, secrets: ['whsec_1'] };
const withKey = { AUTH: 'none', ENVIAAI_API_KEY: 'sk_live_1' };

async function fileWith(content: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'webhooks-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'webhooks.json');
  await writeFile(path, content);
  return path;
}

function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const problemsOfEnv = (env: Env) => problemsOf(() => parseConfig(env));
const problemsIn = async (value: unknown) => {
  const path = await fileWith(JSON.stringify(value));
  return problemsOf(() => readWebhookAccounts(path));
};

test('WEBHOOK_SECRET is one secret or several, separated by commas', () => {
  const secretsOf = (text: string) =>
    parseConfig({ ...withKey, WEBHOOK_SECRET: text }).webhooks.secrets;
  expect(secretsOf('whsec_1')).toEqual(['whsec_1']);
  expect(secretsOf('new, old')).toEqual(['new', 'old']);
});

test.each(['a,,b', ',', 'with a space', 'ä', 'x'.repeat(1025), 'a,b,c,d,e,f,g,h,i,j,k'])(
  'WEBHOOK_SECRET cannot be %j',
  (text) => {
    expect(problemsOfEnv({ ...withKey, WEBHOOK_SECRET: text })).toEqual([
      'WEBHOOK_SECRET: must be 1 to 10 secrets of up to 1024 visible ASCII characters, separated by commas',
    ]);
  },
);

test('WEBHOOK_SECRET with AUTH=passthrough stops the start', () => {
  expect(problemsOfEnv({ WEBHOOK_SECRET: 'whsec_1' })).toEqual([
    'WEBHOOK_SECRET: must not be set with AUTH=passthrough: it is for the account of the key of this server; use WEBHOOKS',
  ]);
});

test('the file has accounts by name, each with the hash of its key and its secrets', async () => {
  const path = await fileWith(JSON.stringify([account, { ...account, name: 'Support-2' }]));
  expect(readWebhookAccounts(path).map(({ name }) => name)).toEqual(['sales', 'Support-2']);
});

test('the example of the documentation is a file of this form', async () => {
  const page = await readFile('docs/configuration.md', 'utf8');
  const [, example = ''] = /^`(\[\{ "name".*\}\])`/m.exec(page) ?? [];
  const path = await fileWith(example.replace('<64 hexadecimal digits>', keySha256));
  expect(readWebhookAccounts(path)).toEqual([{ ...account, secrets: ['whsec_new', 'whsec_old'] }]);
});

test('each problem of the file is one line, which quotes nothing of it', async () => {
  expect(
    await problemsIn([
      { ...account, name: 'a/b' },
      { ...account, keySha256: 'sk_live_1' },
      { ...account, secrets: [] },
      { ...account, secrets: ['good', 'not good'] },
      { ...account, secret: 'whsec_1' },
      'whsec_1',
    ]),
  ).toEqual([
    'WEBHOOKS: [0].name must be 1 to 64 letters, digits, hyphens or underscores',
    'WEBHOOKS: [1].keySha256 must be the SHA-256 of an API key: 64 hexadecimal digits',
    'WEBHOOKS: [2].secrets must be 1 to 10 secrets of up to 1024 visible ASCII characters',
    'WEBHOOKS: [3].secrets[1] must be 1 to 10 secrets of up to 1024 visible ASCII characters',
    'WEBHOOKS: [4] must be an object with name, keySha256 and secrets, and nothing else',
    'WEBHOOKS: [5] must be an object with name, keySha256 and secrets, and nothing else',
  ]);
  expect(await problemsIn({ sales: account })).toEqual([
    'WEBHOOKS: must be a JSON list of accounts',
  ]);
  expect(await problemsIn([account, account])).toEqual([
    'WEBHOOKS: [1].name is the name of another one',
  ]);
});

test('a file that is not there, or is not JSON, stops the start without its path', async () => {
  const path = await fileWith('whsec_1');
  const log = await createLog({ level: 'silent', pretty: false });
  const started = (WEBHOOKS: string) =>
    createApp(parseConfig({ WEBHOOKS }), { log, schema: subgraphSchema });
  await expect(started(path)).rejects.toThrow(new ConfigError(['WEBHOOKS: the file is not JSON']));
  await expect(started(`${path}.none`)).rejects.toThrow('WEBHOOKS: the file does not exist');
  await expect(started(tmpdir())).rejects.toThrow('WEBHOOKS: the file cannot be read');
});
