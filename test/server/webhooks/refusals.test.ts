import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tenantOf } from '#src/domain/tenant.ts';
import { start } from '#test/support/start.ts';
import { startHooked } from '#test/support/webhooks/hooked-server.ts';
import { deliver, eventOf, signatureOf } from '#test/support/webhooks/signed.ts';

const id = 'inst_abc123';
const byId = `{ instance(id: "${id}") { status } }`;
const event = eventOf(id);

/** A server that has just read the instance, and whether the next read of it costs a call. */
async function startRead(options: Parameters<typeof startHooked>[0] = {}) {
  const server = await startHooked(options);
  await server.query(byId);
  const isNudged = async () => {
    server.clock.advance(10);
    const before = server.calls().length;
    await server.query(byId);
    return server.calls().length > before;
  };
  server.clock.advance(10);
  return { ...server, isNudged };
}

test.each([
  ['no signature', null],
  ['an empty one', ''],
  ['another secret', signatureOf(event, 'whsec_forged')],
  ['the signature of another body', signatureOf(`${event} `)],
  ['no prefix', signatureOf(event).slice('sha256='.length)],
  ['another algorithm', signatureOf(event).replace('sha256', 'sha1')],
  ['a part of it', signatureOf(event).slice(0, -2)],
  ['more than it', `${signatureOf(event)}00`],
  ['two of them', `${signatureOf(event)}, ${signatureOf(event)}`],
])('a delivery with %s gets 401 and costs no call', async (_name, signature) => {
  const server = await startRead();
  expect(await server.deliver(event, signature)).toBe(401);
  expect(await server.isNudged()).toBe(false);
  expect(await server.outcome('bad_signature')).toBe(1);
});

test('a thousand forged deliveries cost no call, and leave the response in the cache', async () => {
  const server = await startRead();
  for (let batch = 0; batch < 20; batch += 1) {
    const statuses = await Promise.all(
      Array.from({ length: 50 }, () =>
        server.deliver(event, `sha256=${randomBytes(32).toString('hex')}`),
      ),
    );
    expect(new Set(statuses)).toEqual(new Set([401]));
  }
  expect(await server.isNudged()).toBe(false);
  expect(await server.outcome('bad_signature')).toBe(1000);
});

test.each([
  ['is not JSON', '{"event":'],
  ['is not UTF-8', Uint8Array.of(0xff, 0xfe, 0x00)],
  ['is empty', ''],
  ['is null', 'null'],
  ['names no instance', '{"event":"instance.connected","data":{}}'],
  ['has an id of another type', '{"event":"instance.connected","data":{"instanceId":7}}'],
  ['is an event of a message', eventOf(id, 'message.received')],
  ['is an unknown event', eventOf(id, 'instance.renamed')],
])('a signed body that %s gets 204 and costs no call', async (_name, body) => {
  const server = await startRead();
  expect(await server.deliver(body)).toBe(204);
  expect(await server.isNudged()).toBe(false);
  expect(await server.outcome('ignored')).toBe(1);
});

test('the signature is that of the bytes, whatever their JSON would be written as', async () => {
  const server = await startRead();
  const spaced = JSON.stringify(JSON.parse(event), null, 3);
  expect(await server.deliver(spaced, signatureOf(event))).toBe(401);
  expect(await server.deliver(spaced)).toBe(204);
  expect(await server.isNudged()).toBe(true);
});

test('each secret of the account is accepted, the new one and the old one', async () => {
  for (const secret of ['whsec_new', 'whsec_old']) {
    const server = await startRead({ env: { WEBHOOK_SECRET: 'whsec_new, whsec_old' } });
    expect(await server.deliver(event, signatureOf(event, secret))).toBe(204);
    expect(await server.isNudged()).toBe(true);
  }
});

test('more than 64 KiB get 413 before the signature is looked at, and 64 KiB are read', async () => {
  const server = await startRead();
  const padded = event.padEnd(64 * 1024, ' ');
  expect(await server.deliver(`${padded} `)).toBe(413);
  expect(await server.deliver(`${padded} `, null)).toBe(413);
  expect(await server.isNudged()).toBe(false);
  expect(await server.outcome('too_large')).toBe(2);
  expect(await server.deliver(padded)).toBe(204);
  expect(await server.isNudged()).toBe(true);
});

test('a body whose length is not announced gets 413 as soon as it is too long', async () => {
  const server = await startRead();
  const chunks = new ReadableStream({
    start(controller) {
      for (let part = 0; part < 3; part += 1) controller.enqueue(new Uint8Array(32 * 1024));
      controller.close();
    },
  });
  const init = { method: 'POST', body: chunks, duplex: 'half' };
  const response = await fetch(server.hook, init);
  expect(response.status).toBe(413);
  const { errors } = await response.json();
  expect(errors).toEqual([
    {
      message: 'The request body is larger than 65536 bytes.',
      extensions: { code: 'LIMIT_EXCEEDED' },
    },
  ]);
});

test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])('%s gets 405', async (method) => {
  const server = await startHooked();
  const response = await fetch(server.hook, { method });
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toBe('POST');
});

test('a path without a secret is 404 for every method, and is counted', async () => {
  const server = await startHooked();
  const paths = ['/webhooks/enviaai/', '/webhooks/enviaai/sales', '/webhooks/enviaai/a/b'];
  for (const path of paths) {
    expect(await deliver(new URL(path, server.url), event)).toBe(404);
    expect((await fetch(new URL(path, server.url))).status).toBe(404);
  }
  expect((await fetch(new URL('/webhooks/other', server.url))).status).toBe(404);
  expect(await server.outcome('unknown_path')).toBe(6);
  const without = await start();
  expect(await deliver(new URL('/webhooks/enviaai', without.url), event)).toBe(404);
});

test('a delivery needs no key, no own page and no name of this server', async () => {
  const server = await startRead();
  const response = await fetch(server.hook, {
    method: 'POST',
    body: event,
    headers: {
      'x-enviaai-signature': signatureOf(event),
      origin: 'https://elsewhere.example',
      'sec-fetch-site': 'cross-site',
    },
  });
  expect(response.status).toBe(204);
  expect(response.headers.get('access-control-allow-origin')).toBeNull();
  expect(await server.isNudged()).toBe(true);
});

test('the log has the outcome, and neither the body nor a secret', async () => {
  const server = await startHooked();
  await server.deliver(event);
  await server.deliver(event, 'sha256=forged');
  const lines = server.log.filter((line) => line.includes('A webhook was delivered'));
  expect(lines.map((line) => JSON.parse(line).outcome)).toEqual(['accepted', 'bad_signature']);
  expect(server.log.join('')).not.toMatch(/inst_abc123|whsec|sha256=|forged/);
});

test('PATH_PREFIX applies to webhooks too', async () => {
  const server = await startHooked({ env: { PATH_PREFIX: '/api' } });
  expect(await deliver(new URL('/api/webhooks/enviaai', server.url), event)).toBe(204);
  expect(await deliver(new URL('/api/webhooks/enviaai/x', server.url), event)).toBe(404);
  expect(await server.outcome('unknown_path')).toBe(1);
});

test('an account of WEBHOOKS is that of its path, with the secrets of that path only', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'webhooks-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'webhooks.json');
  const accounts = ['one', 'two'].map((name) => ({
    name,
    keySha256: tenantOf(`key_${name}`).toUpperCase(),
    secrets: [`whsec_${name}`],
  }));
  await writeFile(file, JSON.stringify(accounts));
  const server = await start({ env: { WEBHOOKS: file, FRESH_MS: '60000' } });
  const read = (name: string) => server.query(byId, {}, { authorization: `Bearer key_${name}` });
  for (const name of ['one', 'two']) await read(name);
  const deliverTo = (name: string, signer: string) =>
    deliver(
      new URL(`/webhooks/enviaai/${name}`, server.url),
      event,
      signatureOf(event, `whsec_${signer}`),
    );
  expect(await deliverTo('one', 'two')).toBe(401);
  expect(await deliverTo('one', 'one')).toBe(204);
  for (const name of ['one', 'two']) await read(name);
  expect(server.calls('key_one')).toHaveLength(2);
  expect(server.calls('key_two')).toHaveLength(1);
  expect(await deliver(new URL('/webhooks/enviaai', server.url), event)).toBe(404);
});
