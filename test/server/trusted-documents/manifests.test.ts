import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createApp } from '#src/app.ts';
import { ConfigError, parseConfig } from '#src/config/config.ts';
import { createLog } from '#src/telemetry/log.ts';
import { startProcess } from '#test/support/process/start-process.ts';
import {
  apolloManifestOf,
  createFolder,
  hashOf,
  manifestOf,
  startTrusting,
} from '#test/support/trusted-documents/manifests.ts';

const web = 'query Web { instances { totalCount } }';
const mobile = 'query Mobile { rateLimit { limit } }';

/** The problems that stop the start with these files, without the path of the folder. */
async function problemsOf(files: Readonly<Record<string, unknown>>, name = ''): Promise<string[]> {
  const folder = await createFolder(files);
  const TRUSTED_DOCUMENTS = join(folder, name);
  const log = await createLog({ level: 'silent', pretty: false });
  const config = parseConfig({ PORT: '0', TRUSTED_DOCUMENTS, TRUSTED_DOCUMENTS_MODE: 'only' });
  const error: unknown = await createApp(config, { log }).catch((cause: unknown) => cause);
  if (!(error instanceof ConfigError)) throw new Error('The start was not stopped');
  return error.problems.map((problem) => problem.replaceAll(folder, '').replaceAll('/', ''));
}

test('a folder can contain several manifests in both formats, also with equal documents', async () => {
  const path = await createFolder({
    'mobile.json': apolloManifestOf(mobile, web),
    'web.json': manifestOf(web),
    'relay.json': { list: '{ instances { totalCount } }' },
    'README.md': 'not a manifest',
  });
  const server = await startTrusting('only', { path });
  for (const documentId of [hashOf(web), `sha256:${hashOf(mobile)}`, 'list']) {
    expect((await server.ask('POST', { documentId })).errors).toBeUndefined();
  }
});

const formatProblem =
  'web.json is not a manifest: it must be {"<hash>": "<document>"}, or have Apollo\'s format apollo-persisted-query-manifest, version 1';

test.each<[string, unknown, string]>([
  ['not JSON', '{', 'web.json is not JSON'],
  ['a list', [web], formatProblem],
  ['a document that is not a string', { a: { text: web } }, formatProblem],
  ["another version of Apollo's", { ...apolloManifestOf(web), version: 2 }, formatProblem],
  ["another format than Apollo's", { ...apolloManifestOf(web), format: 'other' }, formatProblem],
  [
    'an unknown field',
    manifestOf('query Web {\n  instances { totl }\n}'),
    'web.json: operation Web is not valid: Cannot query field "totl" on type "InstanceConnection".',
  ],
  [
    'a syntax error',
    { abc: 'query Web {' },
    'web.json: the document abc is not valid: Syntax Error: Expected Name, found <EOF>.',
  ],
  [
    'no operation',
    { abc: 'fragment F on Instance { id }' },
    'web.json: the document abc is not valid: The document has no operation.',
  ],
])('an invalid manifest stops the start: %s', async (_, content, problem) => {
  for (const name of ['', 'web.json']) {
    expect(await problemsOf({ 'web.json': content }, name)).toEqual([
      expect.stringContaining(`TRUSTED_DOCUMENTS: ${problem}`),
    ]);
  }
});

test('a missing file and a folder without manifests stop the start', async () => {
  expect(await problemsOf({}, 'none.json')).toEqual([
    'TRUSTED_DOCUMENTS: none.json does not exist',
  ]);
  expect(await problemsOf({})).toEqual(['TRUSTED_DOCUMENTS:  has no file that ends in .json']);
});

test('two documents with one id stop the start, with the names of both files', async () => {
  const files = { 'a.json': { 'sha256:abc': web }, 'b.json': { abc: mobile } };
  expect(await problemsOf(files)).toEqual([
    'TRUSTED_DOCUMENTS: a.json and b.json have different documents for abc',
  ]);
});

test('a document that exceeds the document limits stops the start', async () => {
  const log = await createLog({ level: 'silent', pretty: false });
  const TRUSTED_DOCUMENTS = await createFolder({ 'a.json': manifestOf(web) });
  const config = parseConfig({ TRUSTED_DOCUMENTS, TRUSTED_DOCUMENTS_MODE: 'on', MAX_TOKENS: '3' });
  await expect(createApp(config, { log })).rejects.toThrow(/more than 3 tokens/);
});

test('a mode without a manifest and an unknown mode stop the start', async () => {
  for (const mode of ['on', 'only']) {
    const { stderr, exitCode } = startProcess({ TRUSTED_DOCUMENTS_MODE: mode });
    expect(await exitCode).toBe(1);
    expect(await stderr).toMatch(/^TRUSTED_DOCUMENTS: must be set with .*\n$/);
  }
  expect(() => parseConfig({ TRUSTED_DOCUMENTS_MODE: 'yes' })).toThrow(
    'TRUSTED_DOCUMENTS_MODE: must be one of off, on, only',
  );
});

test('each problem of the manifests is printed in a line', async () => {
  const TRUSTED_DOCUMENTS = await createFolder({
    'a.json': '{',
    'b.json': [],
    'c.json': manifestOf('query Lost { nothing }', 'query Found { nothing }'),
  });
  const { stderr, exitCode } = startProcess({ TRUSTED_DOCUMENTS, TRUSTED_DOCUMENTS_MODE: 'on' });
  expect(await exitCode).toBe(1);
  const lines = (await stderr).trimEnd().split('\n');
  expect(lines.map((line) => /(?:a|b|c)\.json:? .*/.exec(line)?.[0].slice(0, 30))).toEqual([
    'a.json is not JSON',
    'b.json is not a manifest: it m',
    'c.json: operation Lost is not ',
    'c.json: operation Found is not',
  ]);
});
