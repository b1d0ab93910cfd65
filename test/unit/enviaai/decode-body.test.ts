import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib';
import { expect, test } from 'vitest';
import { always } from '#test/support/upstream.ts';
import { adapt, caller, failureOf, firstPage } from '#test/support/enviaai/adapter.ts';
import { documentedPage } from '#test/support/enviaai/documented.ts';

const megabyte = 1024 * 1024;

const plain = (body: Buffer) => body;

test.each<[string, (body: Buffer) => Buffer]>([
  ['gzip', (body) => gzipSync(body)],
  ['GZIP', (body) => gzipSync(body)],
  ['x-gzip', (body) => gzipSync(body)],
  ['deflate', (body) => deflateSync(body)],
  ['deflate', (body) => deflateRawSync(body)],
  ['br', (body) => brotliCompressSync(body)],
  ['identity', plain],
  ['', plain],
])('a body with the encoding %j is parsed', async (encoding, compress) => {
  const wire = compress(Buffer.from(documentedPage));
  const { enviaai } = await adapt(always(200, wire, { 'content-encoding': encoding }));
  const response = await enviaai.list(caller, firstPage);
  expect(response.rows).toHaveLength(3);
  expect(response.bytes.toString()).toBe(documentedPage);
});

test('an equal page is the known one, whatever its compression', async () => {
  const encodings = [
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ] as const;
  let count = 0;
  const { enviaai } = await adapt((_, response) => {
    const [encoding, compress] = encodings[count++ % 2]!;
    response.setHeader('content-encoding', encoding).end(compress(documentedPage));
  });
  const first = await enviaai.list(caller, firstPage);
  expect(await enviaai.list(caller, firstPage, first)).toBe(first);
});

test('an equal page in several chunks is the known one, and a shorter or longer page is not', async () => {
  const bodies = [documentedPage, documentedPage, `${documentedPage} `, documentedPage];
  const { enviaai } = await adapt((_, response) => {
    const body = bodies.shift()!;
    response.write(body.slice(0, 300), () => response.end(body.slice(300)));
  });
  const first = await enviaai.list(caller, firstPage);
  expect(await enviaai.list(caller, firstPage, first)).toBe(first);
  const longer = await enviaai.list(caller, firstPage, first);
  expect(longer).toEqual({ ...first, bytes: Buffer.from(`${documentedPage} `) });
  expect(await enviaai.list(caller, firstPage, longer)).toEqual(first);
});

test.each([
  ['an encoding that was not accepted', 'zstd', zstdCompressSync(documentedPage)],
  ['two encodings', 'gzip, br', brotliCompressSync(gzipSync(documentedPage))],
  ['a wrong encoding', 'gzip', Buffer.from(documentedPage)],
  ['a wrong encoding', 'br', Buffer.from(documentedPage)],
  ['a wrong encoding', 'deflate', Buffer.from(documentedPage)],
  ['a compressed body that is cut off', 'gzip', gzipSync(documentedPage).subarray(0, -20)],
  ['an empty body', 'gzip', Buffer.alloc(0)],
])('%s is malformed (%s)', async (_, encoding, wire) => {
  const { enviaai } = await adapt(always(200, wire, { 'content-encoding': encoding }));
  expect(await failureOf(enviaai.list(caller, firstPage))).toMatchObject({ kind: 'malformed' });
});

test('a compressed error response is parsed too', async () => {
  const wire = gzipSync('{"error":{"code":"rate_limit_exceeded","retryAfter":5}}');
  const { enviaai } = await adapt(always(429, wire, { 'content-encoding': 'gzip' }));
  expect(await failureOf(enviaai.list(caller, firstPage))).toMatchObject({ retryAfterMs: 5000 });
});

test.each([
  ['gzip', gzipSync(Buffer.alloc(200 * megabyte))],
  ['br', brotliCompressSync(Buffer.alloc(200 * megabyte), { params: { 1: 1 } })],
  ['deflate', deflateSync(Buffer.alloc(200 * megabyte))],
])(
  'a small body that expands to 200 MB with %s is malformed, and is not decompressed',
  async (encoding, wire) => {
    expect(wire.length).toBeLessThan(megabyte);
    const { enviaai } = await adapt(always(200, wire, { 'content-encoding': encoding }));
    const before = process.memoryUsage().rss;
    expect(await failureOf(enviaai.list(caller, firstPage))).toMatchObject({ kind: 'malformed' });
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * megabyte);
  },
);

test.each([
  ['with a content-length', { 'content-length': String(50 * megabyte) }],
  ['in chunks', {}],
])('a body of 50 MB %s is malformed, and is not read to the end', async (_, headers) => {
  let sent = 0;
  const { enviaai, reports } = await adapt(async (_request, response) => {
    response.writeHead(200, headers);
    const piece = Buffer.alloc(megabyte, ' ');
    while (sent < 50 && !response.destroyed) {
      if (!response.write(piece)) {
        await new Promise<void>((resolve) => {
          response.once('drain', resolve).once('close', resolve);
        });
      }
      sent += 1;
    }
    response.end();
  });
  expect(await failureOf(enviaai.list(caller, firstPage))).toMatchObject({ kind: 'malformed' });
  expect(reports).toMatchObject([{ outcome: 'malformed', status: 200 }]);
  expect(sent).toBeLessThan(40);
});

test('a 503 with an endless page is unavailable, not malformed', async () => {
  const { enviaai } = await adapt(always(503, Buffer.alloc(8 * megabyte, ' ')));
  expect(await failureOf(enviaai.list(caller, firstPage))).toMatchObject({ kind: 'unavailable' });
});

test('a body just below the limit is parsed', async () => {
  const { enviaai } = await adapt(
    always(200, documentedPage.padEnd(5 * megabyte - documentedPage.length)),
  );
  expect((await enviaai.list(caller, firstPage)).rows).toHaveLength(3);
});
