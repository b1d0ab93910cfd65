import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { request } from 'undici';
import { expect, test } from 'vitest';
import { figure } from '#test/support/budget/figure.ts';
import {
  type CachingServer,
  fullList,
  startCaching,
} from '#test/support/response-cache/caching-server.ts';

const row = 'id name phone status createdAt lastSeenAt settings { autoRead }';
const all = `query All($first: Int) { instances(first: $first) { nodes { ${row} } } }`;

interface Raw {
  readonly headers: Record<string, string | string[] | undefined>;
  readonly bytes: Buffer;
}

/** Sends a query, and returns the response as it is on the wire. */
async function sendRaw(
  server: CachingServer,
  options: { readonly accept?: string; readonly query?: string; readonly first?: number } = {},
): Promise<Raw> {
  const { accept, query = all, first = 100 } = options;
  const { headers, body } = await request(server.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: 'Bearer test',
      ...(accept !== undefined && { 'accept-encoding': accept }),
    },
    body: JSON.stringify({ query, variables: { first } }),
  });
  return { headers, bytes: Buffer.from(await body.arrayBuffer()) };
}

const decoders = {
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
  gzip: gunzipSync,
} as const;

test.for([
  ['br, gzip', 'br', 6],
  ['gzip, deflate, br, zstd', 'br', 6],
  ['*', 'br', 6],
  ['gzip, zstd', 'zstd', 5],
  ['zstd', 'zstd', 5],
  ['br;q=0.9, zstd', 'zstd', 5],
  ['*, br;q=0', 'zstd', 5],
  ['zstd;q=0.1, gzip;q=0.2', 'gzip', 5],
  ['gzip', 'gzip', 5],
  ['GZIP;q=0.5, br;q=0', 'gzip', 5],
  ['br;q=0.2, gzip;q=0.8', 'gzip', 5],
] as const)('100 rows for "%s" are in %s, %i times smaller', async ([accept, coding, factor]) => {
  const server = await startCaching({ instances: 300 });
  const plain = await sendRaw(server);
  // Twice: compressed for the request, and from the cache.
  for (const _ of ['compressed', 'cached']) {
    const { headers, bytes } = await sendRaw(server, { accept });
    expect(headers).toMatchObject({
      'content-encoding': coding,
      'content-length': String(bytes.length),
      'content-type': 'application/json; charset=utf-8',
      vary: 'Accept, Accept-Encoding, Authorization, Origin',
    });
    expect(bytes.length).toBeLessThan(plain.bytes.length / factor);
    expect(JSON.parse(decoders[coding](bytes).toString())).toMatchObject({
      data: JSON.parse(plain.bytes.toString()).data,
      extensions: { enviaai: { calls: 0 } },
    });
  }
  expect(server.calls()).toHaveLength(1);
});

test.for([
  undefined,
  '',
  'identity',
  'deflate',
  'br;q=0, zstd;q=0, gzip;q=0',
  'identity, br;q=0.5',
])('a response for the Accept-Encoding %o is not compressed', async (accept) => {
  const server = await startCaching({ instances: 300 });
  const { headers, bytes } = await sendRaw(server, accept === undefined ? {} : { accept });
  expect(headers['content-encoding']).toBeUndefined();
  expect(headers['vary']).toBe('Accept, Accept-Encoding, Authorization, Origin');
  expect(JSON.parse(bytes.toString()).data.instances.nodes).toHaveLength(100);
});

test('a response of less than 1 KB is not compressed', async () => {
  const server = await startCaching({ instances: 300 });
  const { headers, bytes } = await sendRaw(server, { accept: 'br', first: 1 });
  expect(headers['content-encoding']).toBeUndefined();
  expect(bytes.length).toBeLessThan(1024);
});

test('responses with errors and of introspection are compressed too', async () => {
  const server = await startCaching({ instances: 300 });
  const types = '{ schema: __schema { types { name description fields { name description } } } }';
  const schema = await sendRaw(server, { accept: 'gzip', query: types });
  expect(schema.headers['content-encoding']).toBe('gzip');
  expect(JSON.parse(gunzipSync(schema.bytes).toString()).data.schema.types).not.toEqual([]);

  const failing =
    '{ instances(first: 100) { nodes { id name } } broken: instances(after: "x") { totalCount } }';
  const failed = await sendRaw(server, { accept: 'gzip', query: failing });
  expect(failed.headers['content-encoding']).toBe('gzip');
  expect(JSON.parse(gunzipSync(failed.bytes).toString())).toMatchObject({
    errors: [{ path: ['broken'] }],
  });
});

test('after a refresh, compressed responses have the new rows', async () => {
  const server = await startCaching({ instances: 300 });
  await sendRaw(server, { accept: 'br' });
  server.sandbox.control.status({ key: 'test', id: 'inst_abc123', status: 'disconnected' });
  server.clock.advance(2001);
  for (const accept of ['br', 'gzip'] as const) {
    const { bytes } = await sendRaw(server, { accept });
    const { data } = JSON.parse(decoders[accept](bytes).toString());
    expect(data.instances.nodes[0].status).toBe('DISCONNECTED');
  }
  expect(server.calls()).toHaveLength(2);
});

test('the compressed forms are part of the bytes of the response cache', async () => {
  const server = await startCaching({ instances: 300 });
  const held = () => figure(server, 'enviaai_answers_bytes');
  await sendRaw(server);
  const plain = await held();
  const { bytes: br } = await sendRaw(server, { accept: 'br' });
  expect(await held()).toBe(plain + br.length);
  const { bytes: gzip } = await sendRaw(server, { accept: 'gzip' });
  expect(await held()).toBe(plain + br.length + gzip.length);
});

test('clients that ask at the same time get the same compressed bytes, and cost one call', async () => {
  const server = await startCaching({ instances: 300 });
  const query = fullList;
  await sendRaw(server, { query });
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => sendRaw(server, { accept: 'br', query })),
  );
  const [first] = answers;
  for (const { bytes } of answers) expect(first && bytes.equals(first.bytes)).toBe(true);
  expect(server.calls()).toHaveLength(1);
});
