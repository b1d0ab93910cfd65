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
])('a body in %j is read', async (encoding, compress) => {
  const wire = compress(Buffer.from(documentedPage));
  const { enviaai } = await adapt(always(200, wire, { 'content-encoding': encoding }));
  const answer = await enviaai.list(caller, firstPage);
  expect(answer.rows).toHaveLength(3);
  expect(answer.bytes.toString()).toBe(documentedPage);
});

test('the same page is the known one, however it was compressed', async () => {
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

test('the same page is the known one in however many pieces it comes; one with less or more is not', async () => {
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
  ['an encoding nobody asked for', 'zstd', zstdCompressSync(documentedPage)],
  ['two encodings', 'gzip, br', brotliCompressSync(gzipSync(documentedPage))],
  ['an encoding it does not have', 'gzip', Buffer.from(documentedPage)],
  ['an encoding it does not have', 'br', Buffer.from(documentedPage)],
  ['an encoding it does not have', 'deflate', Buffer.from(documentedPage)],
  ['a compressed body that is cut off', 'gzip', gzipSync(documentedPage).subarray(0, -20)],
  ['an empty body', 'gzip', Buffer.alloc(0)],
])('%s is malformed (%s)', async (_, encoding, wire) => {
  const { enviaai } = await adapt(always(200, wire, { 'content-encoding': encoding }));
  expect(await failureOf(enviaai.list(caller, firstPage))).toMatchObject({ kind: 'malformed' });
});

test('a refusal in a compressed body is read too', async () => {
  const wire = gzipSync('{"error":{"code":"rate_limit_exceeded","retryAfter":5}}');
  const { enviaai } = await adapt(always(429, wire, { 'content-encoding': 'gzip' }));
  expect(await failureOf(enviaai.list(caller, firstPage))).toMatchObject({ retryAfterMs: 5000 });
});

test.each([
  ['gzip', gzipSync(Buffer.alloc(200 * megabyte))],
  ['br', brotliCompressSync(Buffer.alloc(200 * megabyte), { params: { 1: 1 } })],
  ['deflate', deflateSync(Buffer.alloc(200 * megabyte))],
])(
  'a small body that expands to 200 MB in %s is malformed, and does not expand',
  async (encoding, wire) => {
    expect(wire.length).toBeLessThan(megabyte);
    const { enviaai } = await adapt(always(200, wire, { 'content-encoding': encoding }));
    const before = process.memoryUsage().rss;
    expect(await failureOf(enviaai.list(caller, firstPage))).toMatchObject({ kind: 'malformed' });
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * megabyte);
  },
);

test.each([
  ['with its length told', { 'content-length': String(50 * megabyte) }],
  ['in chunks', {}],
])('a body of 50 MB %s is malformed, and is not read to its end', async (_, headers) => {
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

test('a body just under the limit is read', async () => {
  const { enviaai } = await adapt(
    always(200, documentedPage.padEnd(5 * megabyte - documentedPage.length)),
  );
  expect((await enviaai.list(caller, firstPage)).rows).toHaveLength(3);
});
