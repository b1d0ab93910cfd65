import { expect, test } from 'vitest';
import { always } from '#test/support/upstream.ts';
import { envelope, rowsOf, startBehind } from '#test/support/faults/faulty.ts';

const rows = rowsOf(50);
const seventh = rows[7] ?? {};
const page = `{ instances(first: 50) {
  totalCount
  pageInfo { hasNextPage }
  edges { node { id name phone status profileName profilePicUrl createdAt lastSeenAt webhookUrl
    settings { autoRead autoTyping webhookUrl webhookEvents } } }
} }`;

const withSeventh = (row: unknown) => rows.map((usual, at) => (at === 7 ? row : usual));

/** The page with one strange row; that all the others are whole is held here. */
async function readAmong(row: unknown) {
  const server = await startBehind(always(200, envelope(withSeventh(row))));
  const { data, errors = [] } = await server.query(page);
  const { edges, totalCount, pageInfo } = data.instances;
  expect([edges.length, totalCount, pageInfo.hasNextPage]).toEqual([50, 50, false]);
  const others = edges.filter((_: unknown, at: number) => at !== 7);
  expect(others.map(({ node }: { node: { id: string } }) => node.id)).toEqual(
    rows.filter((_, at) => at !== 7).map(({ id }) => id),
  );
  expect(server.upstream.calls).toHaveLength(1);
  for (const { path, extensions } of errors) {
    expect(path?.slice(0, 3)).toEqual(['instances', 'edges', 7]);
    expect(extensions['code']).toBe('UPSTREAM_INVALID_RESPONSE');
  }
  return { node: edges[7].node, paths: errors.map(({ path }) => path?.slice(3).join('.')) };
}

test.for([
  ['null', null],
  ['a number', 7],
  ['a text', 'row'],
  ['a list', [seventh]],
  ['an empty object', {}],
  ['without an id', { ...seventh, id: undefined }],
  ['with an empty id', { ...seventh, id: '' }],
  ['with an id of 10,000 letters', { ...seventh, id: 'x'.repeat(10_000) }],
  ['with an id that is an object', { ...seventh, id: { toString: 'inst_7' } }],
  ['without a name', { ...seventh, name: undefined }],
  ['with a name that is a list', { ...seventh, name: ['A'] }],
])(
  'a row that is unreadable (%s) costs its own edge, and none of the other 49',
  async ([, row]) => {
    expect(await readAmong(row)).toEqual({ node: null, paths: ['node'] });
  },
);

test.for([
  ['phone', 5_511_999_999_999, '5511999999999'],
  ['phone', '', null],
  ['phone', '+55 (11) 99999-9999', '5511999999999'],
  ['phone', '5511999999999:12@s.whatsapp.net', '5511999999999'],
  ['status', 'Connected', 'CONNECTED'],
  ['status', 'qr-pending', 'QR_PENDING'],
  ['status', 'banned', 'UNKNOWN'],
  ['status', null, 'UNKNOWN'],
  ['status', ['connected'], 'UNKNOWN'],
  ['status', '__proto__', 'UNKNOWN'],
  ['settings', null, null],
  ['settings', undefined, null],
  ['settings', [], null],
  ['settings', 'none', null],
  ['name', '', ''],
  ['name', 'נמרוד \u202Eنمرود', 'נמרוד \u202Eنمرود'],
  ['name', '👩‍👩‍👧‍👦🇧🇷 \u0000 </script>', '👩‍👩‍👧‍👦🇧🇷 \u0000 </script>'],
  ['name', 'x'.repeat(100_000), 'x'.repeat(100_000)],
  ['name', '\uD800', '\uD800'],
] as const)('%s as %j is read, and costs no error', async ([field, given, read]) => {
  const { node, paths } = await readAmong({ ...seventh, [field]: given });
  expect(node[field]).toEqual(read);
  expect(paths).toEqual([]);
});

test.for([
  ['phone', '123456789012345@lid'],
  ['phone', { number: 1 }],
  ['createdAt', 'yesterday'],
  ['createdAt', '2026-02-31T00:00:00Z'],
  ['createdAt', '+275761-01-01T00:00:00Z'],
  ['createdAt', 1e300],
  ['lastSeenAt', {}],
  ['lastSeenAt', '9'.repeat(50_000)],
  ['profilePicUrl', 'javascript:alert(1)'],
  ['profilePicUrl', 'data:text/html,x'],
  ['profilePicUrl', 7],
  ['webhookUrl', 'not a url'],
] as const)('%s as %j is null, with an error at its path alone', async ([field, given]) => {
  const { node, paths } = await readAmong({ ...seventh, [field]: given });
  expect(node).toMatchObject({ id: 'inst_7', name: 'Line 7', [field]: null });
  expect(paths.filter((path) => path !== 'node.settings.webhookUrl')).toEqual([`node.${field}`]);
});

test('keys that reach for the prototype change nothing, here or for the next reader', async () => {
  const evil = JSON.parse(
    '{"id":"inst_7","name":"A","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"settings":{"__proto__":{"autoRead":true,"autoTyping":true}}}',
  );
  const { node } = await readAmong(evil);
  expect(node.settings).toBeNull();
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  expect('polluted' in {}).toBe(false);
  const body = JSON.stringify(envelope(rows)).replace('{', '{"__proto__":{"data":[]},');
  const server = await startBehind(always(200, body));
  expect((await server.query(page)).data.instances.totalCount).toBe(50);
});

test('a row nested 100,000 deep costs its own edge', async () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  const body = JSON.stringify(envelope(withSeventh('deep'))).replace('"deep"', deep);
  const server = await startBehind(always(200, body));
  const { data } = await server.query(page);
  expect(data.instances.edges.map(({ node }: { node: object | null }) => node !== null)).toEqual(
    rows.map((_, at) => at !== 7),
  );
});

test('an instance is not taken for another that the vendor answers with', async () => {
  const server = await startBehind(always(200, { success: true, data: rows[8] }));
  const { data, errors } = await server.query('{ instance(id: "inst_7") { id } }');
  expect(data).toEqual({ instance: null });
  expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_INVALID_RESPONSE' } }]);
});

test('unreadable rows that are all the same count as one', async () => {
  const server = await startBehind(always(200, envelope(rows.map(() => null))));
  const { data, errors } = await server.query(page);
  expect(data.instances.edges).toEqual([{ node: null }]);
  expect(errors).toHaveLength(1);
  expect(server.upstream.calls).toHaveLength(1);
});
