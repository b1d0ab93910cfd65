import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { always, type UpstreamHandler } from '#test/support/upstream.ts';
import {
  envelope,
  expectTold,
  expectWell,
  list,
  rowsOf,
  single,
  startBehind,
} from '#test/support/faults/faulty.ts';

const megabyte = 1024 * 1024;
const page = envelope(rowsOf(3));
const text = JSON.stringify(page);

test.for([
  ['cut JSON', text.slice(0, -1)],
  ['JSON and more', `${text} secret`],
  ['an HTML page', '<!doctype html><title>secret</title>'],
  ['nothing', ''],
  ['blanks', ' \r\n\t '],
  ['null', 'null'],
  ['a number', '7'],
  ['a text', '"secret"'],
  ['a bare list of rows', JSON.stringify(page.data)],
  ['an empty object', '{}'],
  ['no data', JSON.stringify({ ...page, data: undefined })],
  ['data that is an object', JSON.stringify({ ...page, data: { 0: page.data[0] } })],
  ['data that is a text', JSON.stringify({ ...page, data: text })],
  ['no pagination', JSON.stringify({ ...page, pagination: undefined })],
  ['pagination that is null', JSON.stringify({ ...page, pagination: null })],
  ['XML', '<?xml version="1.0"?><data/>'],
  ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00, 0xd8, 0x00])],
  ['JSON in UTF-16', Buffer.from(text, 'utf16le')],
  ['brackets without end', '['.repeat(megabyte)],
] as const)('%s with 200 is UPSTREAM_INVALID_RESPONSE, and not tried again', async ([, body]) => {
  const server = await startBehind(always(200, body));
  expectTold(await server.query(list), { code: 'UPSTREAM_INVALID_RESPONSE' });
  expectTold(await server.query(single), { code: 'UPSTREAM_INVALID_RESPONSE' });
  expect(server.upstream.calls).toHaveLength(2);
  await expectWell(server);
});

test.for([
  ['text/plain'],
  ['text/html; charset=utf-8'],
  ['application/octet-stream'],
  ['application/json; charset=latin1'],
  ['nonsense'],
  [''],
])('JSON that calls itself "%s" is read as JSON', async ([type = '']) => {
  const server = await startBehind(always(200, text, { 'content-type': type }));
  const { data, errors } = await server.query(list);
  expect([data.instances.totalCount, errors]).toEqual([3, undefined]);
});

test.for([
  ['gzip', gzipSync(text)],
  ['x-gzip', gzipSync(text)],
  ['GZIP', gzipSync(text)],
  ['deflate', deflateSync(text)],
  ['deflate', deflateRawSync(text)],
  ['br', brotliCompressSync(text)],
  ['identity', Buffer.from(text)],
] as const)('a body in %s is read', async ([encoding, body]) => {
  const server = await startBehind(always(200, body, { 'content-encoding': encoding }));
  const { data, errors } = await server.query(list);
  expect([data.instances.totalCount, errors]).toEqual([3, undefined]);
});

test.for([
  ['gzip that is none', 'gzip', Buffer.from(text)],
  ['gzip cut off', 'gzip', gzipSync(text).subarray(0, -30)],
  ['br that is none', 'br', Buffer.from(text)],
  ['deflate that is none', 'deflate', Buffer.from(text)],
  ['an encoding nobody asked for', 'zstd', Buffer.from(text)],
  ['gzip in gzip', 'gzip, gzip', gzipSync(gzipSync(text))],
  ['100 MB of zeros in gzip', 'gzip', gzipSync(Buffer.alloc(100 * megabyte))],
  [
    '100 MB of zeros in br',
    'br',
    brotliCompressSync(Buffer.alloc(100 * megabyte), { params: { 1: 1 } }),
  ],
  ['100 MB of zeros in deflate', 'deflate', deflateSync(Buffer.alloc(100 * megabyte))],
  ['a page padded to 6 MB in gzip', 'gzip', gzipSync(text.padEnd(6 * megabyte))],
] as const)('%s is UPSTREAM_INVALID_RESPONSE, and not tried again', async ([, encoding, body]) => {
  const server = await startBehind(always(200, body, { 'content-encoding': encoding }));
  expectTold(await server.query(list), { code: 'UPSTREAM_INVALID_RESPONSE' });
  expect(server.upstream.calls).toHaveLength(1);
  await expectWell(server);
});

const endless: UpstreamHandler = (_, response) => {
  const piece = Buffer.alloc(megabyte, ' ');
  let sent = 0;
  const more = () => {
    while (sent < 50 && !response.destroyed && response.write(piece)) sent += 1;
    if (sent >= 50) response.end();
  };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.on('drain', more);
  more();
};

test('a body of 50 MB is UPSTREAM_INVALID_RESPONSE, and not tried again', async () => {
  const server = await startBehind(endless);
  expectTold(await server.query(list), { code: 'UPSTREAM_INVALID_RESPONSE' });
  expect(server.upstream.calls).toHaveLength(1);
  await expectWell(server);
});
