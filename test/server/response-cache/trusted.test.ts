import { expect, test } from 'vitest';
import { figure } from '#test/support/budget/figure.ts';
import {
  createFolder,
  hashOf,
  manifestOf,
  startTrusting,
} from '#test/support/trusted-documents/manifests.ts';
import { dataOf } from '#test/support/response-cache/caching-server.ts';

const text = 'query Screen($first: Int) { instances(first: $first) { totalCount nodes { id } } }';
const documentId = hashOf(text);
const variables = { first: 2 };

const forms: [string, object][] = [
  ['documentId', { documentId }],
  ['documentId with its prefix', { documentId: `sha256:${documentId}` }],
  [
    "Apollo's extension",
    { extensions: { persistedQuery: { version: 1, sha256Hash: documentId } } },
  ],
];

test.for(forms)(
  'the response to a document by its hash is cached, for POST and GET: %s',
  async ([, form]) => {
    const path = await createFolder({ 'web.json': manifestOf(text) });
    // Longer than the test, so that no response becomes stale.
    const server = await startTrusting('only', { path, FRESH_MS: '600000', STALE_MS: '600000' });
    const reused = () => figure(server, 'enviaai_answers_reused_total');
    const first = await server.ask('POST', { ...form, variables });
    const again = [
      await server.ask('POST', { ...form, variables }),
      await server.ask('GET', { ...form, variables }),
      await server.ask('GET', { ...form, variables }),
    ];
    expect(again.map(dataOf)).toEqual(again.map(() => dataOf(first)));
    expect(first.data.instances.nodes).toHaveLength(2);
    expect(await reused()).toBe(3);
    const other = await server.ask('GET', { ...form, variables: { first: 1 } });
    expect(other.data.instances.nodes).toHaveLength(1);
    expect(await reused()).toBe(3);
    expect(server.calls()).toHaveLength(1);
  },
);

test('with mode only, the text of a trusted document is rejected, also if its response is cached', async () => {
  const path = await createFolder({ 'web.json': manifestOf(text) });
  const server = await startTrusting('only', { path });
  for (let times = 0; times < 3; times += 1) await server.ask('POST', { documentId, variables });
  for (const params of [
    { query: text, variables },
    { query: `${text} `, variables },
    { query: `${text} `, variables, documentId },
    { query: `\n${text}`, variables, documentId },
    { query: text, variables, documentId: 'sha256:' },
    { query: text, variables, documentId: '\n' },
  ]) {
    const { status, data, errors } = await server.ask('POST', params);
    expect([status, data, errors?.length], JSON.stringify(params)).toEqual([400, undefined, 1]);
  }
  const unknown = await server.ask('POST', { documentId: hashOf(`${text} `), variables });
  expect(unknown.errors).toMatchObject([{ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }]);
  // With its hash, the text is accepted.
  const both = await server.ask('POST', { documentId, query: text, variables });
  expect(both.data.instances.nodes).toHaveLength(2);
  expect(server.calls()).toHaveLength(1);
});

test('a cached text with the hash of another document is rejected', async () => {
  const path = await createFolder({ 'web.json': manifestOf(text) });
  const server = await startTrusting('on', { path });
  const query = '{ instances { totalCount } }';
  for (let times = 0; times < 3; times += 1) await server.ask('POST', { query });
  const { status, errors } = await server.ask('POST', { query, documentId });
  expect(status).toBe(400);
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
});
