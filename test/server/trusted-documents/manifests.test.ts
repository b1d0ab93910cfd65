import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createApp } from '#src/app.ts';
import { ConfigError, parseConfig } from '#src/config/config.ts';
import { createLog } from '#src/telemetry/log.ts';
import { startProcess } from '#test/support/process/start-process.ts';
import {
  apolloManifestOf,
  folderOf,
  hashOf,
  manifestOf,
  startTrusting,
} from '#test/support/trusted-documents/trusted.ts';

const web = 'query Web { instances { totalCount } }';
const mobile = 'query Mobile { rateLimit { limit } }';

/** What stops the start over these files, each problem without the folder's own path. */
async function problemsOf(files: Readonly<Record<string, unknown>>, name = ''): Promise<string[]> {
  const folder = await folderOf(files);
  const TRUSTED_DOCUMENTS = join(folder, name);
  const log = await createLog({ level: 'silent', pretty: false });
  const config = parseConfig({ PORT: '0', TRUSTED_DOCUMENTS, TRUSTED_DOCUMENTS_MODE: 'only' });
  const error: unknown = await createApp(config, { log }).catch((cause: unknown) => cause);
  if (!(error instanceof ConfigError)) throw new Error('Nothing stopped it');
  return error.problems.map((problem) => problem.replaceAll(folder, '').replaceAll('/', ''));
}

test('a folder has the manifests of several teams, in either form, and may have one document twice', async () => {
  const path = await folderOf({
    'mobile.json': apolloManifestOf(mobile, web),
    'web.json': manifestOf(web),
    'relay.json': { own: '{ instances { totalCount } }' },
    'README.md': 'not a manifest',
  });
  const server = await startTrusting('only', { path });
  for (const documentId of [hashOf(web), `sha256:${hashOf(mobile)}`, 'own']) {
    expect((await server.ask('POST', { documentId })).errors).toBeUndefined();
  }
});

const form =
  'web.json is not a manifest: it must be {"<hash>": "<document>"}, or have Apollo\'s format apollo-persisted-query-manifest, version 1';

test.each<[string, unknown, string]>([
  ['no JSON', '{', 'web.json is not JSON'],
  ['a list', [web], form],
  ['a document that is no text', { a: { text: web } }, form],
  ["another version of Apollo's", { ...apolloManifestOf(web), version: 2 }, form],
  ["another format than Apollo's", { ...apolloManifestOf(web), format: 'other' }, form],
  [
    'a field that there is not',
    manifestOf('query Web {\n  instances { totl }\n}'),
    'web.json: operation Web cannot be run: Cannot query field "totl" on type "InstanceConnection".',
  ],
  [
    'no GraphQL',
    { abc: 'query Web {' },
    'web.json: the document abc cannot be run: Syntax Error: Expected Name, found <EOF>.',
  ],
  [
    'no operation',
    { abc: 'fragment F on Instance { id }' },
    'web.json: the document abc cannot be run: The document has no operation.',
  ],
])('a manifest that cannot be used stops the start: %s', async (_, content, problem) => {
  for (const name of ['', 'web.json']) {
    expect(await problemsOf({ 'web.json': content }, name)).toEqual([
      expect.stringContaining(`TRUSTED_DOCUMENTS: ${problem}`),
    ]);
  }
});

test('a file that is not there, and a folder without manifests, stop the start', async () => {
  expect(await problemsOf({}, 'none.json')).toEqual([
    'TRUSTED_DOCUMENTS: none.json does not exist',
  ]);
  expect(await problemsOf({})).toEqual(['TRUSTED_DOCUMENTS:  has no file that ends in .json']);
});

test('two documents for one hash stop the start, with the names of both files', async () => {
  const files = { 'a.json': { 'sha256:abc': web }, 'b.json': { abc: mobile } };
  expect(await problemsOf(files)).toEqual([
    'TRUSTED_DOCUMENTS: a.json and b.json have different documents for abc',
  ]);
});

test('a document over the limits of every request stops the start', async () => {
  const log = await createLog({ level: 'silent', pretty: false });
  const TRUSTED_DOCUMENTS = await folderOf({ 'a.json': manifestOf(web) });
  const config = parseConfig({ TRUSTED_DOCUMENTS, TRUSTED_DOCUMENTS_MODE: 'on', MAX_TOKENS: '3' });
  await expect(createApp(config, { log })).rejects.toThrow(/more than 3 tokens/);
});

test('a mode without a manifest, and an unknown mode, are said before anything is read', async () => {
  for (const mode of ['on', 'only']) {
    const { complaints, ended } = startProcess({ TRUSTED_DOCUMENTS_MODE: mode });
    expect(await ended).toBe(1);
    expect(await complaints).toMatch(/^TRUSTED_DOCUMENTS: must be set with .*\n$/);
  }
  expect(() => parseConfig({ TRUSTED_DOCUMENTS_MODE: 'yes' })).toThrow(
    'TRUSTED_DOCUMENTS_MODE: must be one of off, on, only',
  );
});

test('every problem of the manifests is a line of its own, and ends the process', async () => {
  const TRUSTED_DOCUMENTS = await folderOf({
    'a.json': '{',
    'b.json': [],
    'c.json': manifestOf('query Lost { nothing }', 'query Found { nothing }'),
  });
  const { complaints, ended } = startProcess({ TRUSTED_DOCUMENTS, TRUSTED_DOCUMENTS_MODE: 'on' });
  expect(await ended).toBe(1);
  const lines = (await complaints).trimEnd().split('\n');
  expect(lines.map((line) => /(?:a|b|c)\.json:? .*/.exec(line)?.[0].slice(0, 30))).toEqual([
    'a.json is not JSON',
    'b.json is not a manifest: it m',
    'c.json: operation Lost cannot ',
    'c.json: operation Found cannot',
  ]);
});
