import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { InstanceDocument } from '#test/support/clients/documents.ts';
import {
  hashOf,
  manifestOf,
  createFolder,
  publishedManifest,
  startTrusting,
} from '#test/support/trusted-documents/manifests.ts';

const manifest = JSON.parse(await readFile(publishedManifest, 'utf8')) as Record<string, string>;
const [prefixed = '', text = ''] =
  Object.entries(manifest).find(([, document]) => document.startsWith('query Instance(')) ?? [];
const hash = prefixed.slice('sha256:'.length);

const variables = { id: 'inst_abc123' };
const byApollo = (sha256Hash: string, more: object = {}) => ({
  extensions: { persistedQuery: { version: 1, sha256Hash, ...more } },
});

const forms: [string, object][] = [
  ['documentId with its prefix', { documentId: prefixed }],
  ['documentId without a prefix', { documentId: hash }],
  ["Apollo's extension", byApollo(hash)],
  ['both forms at once', { documentId: prefixed, ...byApollo(hash) }],
];

test.each(forms)('a document can be sent by its hash, by POST and GET: %s', async (_, form) => {
  const server = await startTrusting('on');
  for (const method of ['POST', 'GET'] as const) {
    const { status, data, errors } = await server.ask(method, { ...form, variables });
    expect({ status, errors }).toEqual({ status: 200, errors: undefined });
    expect(data.instance).toMatchObject({ id: 'inst_abc123', name: 'Sales WhatsApp' });
  }
  expect(server.calls()).toHaveLength(1);
});

test('the typed documents have the hashes of the published manifest', () => {
  const { __meta__: meta } = InstanceDocument as unknown as { __meta__: { hash: string } };
  expect(meta.hash).toBe(prefixed);
  expect(hashOf(text)).toBe(hash);
});

test.each(['on', 'only'] as const)('an unknown hash is rejected and logged: %s', async (mode) => {
  const server = await startTrusting(mode);
  for (const form of [{ documentId: 'sha256:0123' }, byApollo('0123')]) {
    for (const method of ['POST', 'GET'] as const) {
      const { status, data, errors } = await server.ask(method, form);
      expect({ status, data }).toEqual({ status: 400, data: undefined });
      expect(errors).toEqual([
        {
          // Some clients match on this message, then send the text.
          message: 'PersistedQueryNotFound',
          extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' },
        },
      ]);
    }
  }
  expect(server.log.filter((line) => line.includes('PERSISTED_QUERY_NOT_FOUND'))).toHaveLength(4);
});

test('a text with its hash is executed, and not stored under the hash', async () => {
  const server = await startTrusting('on');
  const query = '{ rateLimit { limit } }';
  const sent = await server.ask('POST', { query, ...byApollo(hashOf(query), { miss: true }) });
  expect(sent.status).toBe(200);
  expect(sent.errors).toBeUndefined();
  expect((await server.ask('POST', byApollo(hashOf(query)))).errors).toMatchObject([
    { extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } },
  ]);
  const known = await server.ask('POST', { query: text, documentId: prefixed, variables });
  expect(known.data.instance.id).toBe('inst_abc123');
});

test.each([
  ['a trusted document', hash],
  ['an unknown document', hashOf('{ __typename }')],
])('a text with the hash of another document is rejected: %s', async (_, id) => {
  const server = await startTrusting('on');
  const query = '{ rateLimit { limit } }';
  const { status, errors } = await server.ask('POST', { query, documentId: id });
  expect(status).toBe(400);
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
});

test.each<[string, object]>([
  ['a number', { documentId: 1 }],
  ['an empty string', { documentId: '' }],
  ['another version', { extensions: { persistedQuery: { version: 2, sha256Hash: hash } } }],
  ['no hash', { extensions: { persistedQuery: { version: 1 } } }],
  ['not an object', { extensions: { persistedQuery: hash } }],
  ['two different ids', { documentId: hash, ...byApollo('0123') }],
])('an invalid id is rejected: %s', async (_, form) => {
  const { status, errors } = await (await startTrusting('on')).ask('POST', form);
  expect(status).toBe(400);
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }]);
});

test('with TRUSTED_DOCUMENTS_MODE=off, hashes are rejected and no manifest is read', async () => {
  const server = await startTrusting('off', { path: 'no/such/file.json' });
  const { status, errors } = await server.ask('POST', { documentId: prefixed, variables });
  expect(status).toBe(400);
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }]);
  expect((await server.ask('GET', { documentId: prefixed, variables })).status).toBe(400);
  expect((await server.query('{ instances { totalCount } }')).errors).toBeUndefined();
});

test.each(['POST', 'GET'] as const)(
  "with TRUSTED_DOCUMENTS_MODE=off, Apollo's hash alone is not supported, and with its text it is ignored: %s",
  async (method) => {
    const server = await startTrusting('off', { path: 'no/such/file.json' });
    const alone = await server.ask(method, { ...byApollo(hash), variables });
    expect(alone.status).toBe(400);
    expect(alone.errors).toMatchObject([
      {
        message: 'PersistedQueryNotSupported',
        extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' },
      },
    ]);
    const both = await server.ask(method, { ...byApollo(hash), query: text, variables });
    expect(both.data.instance.id).toBe('inst_abc123');
    expect(server.calls()).toHaveLength(1);
  },
);

test('a document by its hash needs a key and is limited like a text', async () => {
  const nodes = 'query Nodes($ids: [ID!]!) { nodes(ids: $ids) { id } }';
  const path = await createFolder({ 'web.json': manifestOf(nodes, text) });
  const server = await startTrusting('only', { path, MAX_IDS: '2' });
  const ids = ['inst_1', 'inst_2', 'inst_3'];
  expect(
    (await server.ask('POST', { documentId: hashOf(nodes), variables: { ids } })).errors,
  ).toMatchObject([{ extensions: { code: 'LIMIT_EXCEEDED', limit: 'MAX_IDS' } }]);
  const invalid = { authorization: 'Bearer invalid' };
  expect((await server.ask('GET', { documentId: hash, variables }, invalid)).errors).toMatchObject([
    { extensions: { code: 'UNAUTHENTICATED' } },
  ]);
});
