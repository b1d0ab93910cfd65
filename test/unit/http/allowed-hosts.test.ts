import { expect, test } from 'vitest';
import { createAssertHost } from '#src/http/request/allowed-hosts.ts';
import { HttpError } from '#src/http/response/http-error.ts';

/** The status that a request to this host gets; 200: it is accepted. */
function statusOf(
  host: string | undefined,
  options: Partial<Parameters<typeof createAssertHost>[0]> = {},
): number {
  const assertHost = createAssertHost({
    listenHost: '127.0.0.1',
    allowedHosts: [],
    machineAddresses: () => ['10.1.2.3', '[fd00::1]'],
    ...options,
  });
  try {
    assertHost(host);
    return 200;
  } catch (error) {
    return error instanceof HttpError ? error.status : 500;
  }
}

test.each([
  'localhost',
  'localhost:4000',
  'LOCALHOST:4000',
  'localhost.',
  'app.localhost:4000',
  '127.0.0.1:4000',
  '127.9.9.9',
  '[::1]',
  '[::1]:4000',
  '[0:0:0:0:0:0:0:1]:4000',
])('the loopback name %s is accepted', (host) => {
  expect(statusOf(host)).toBe(200);
});

test.each([
  'evil.example',
  'evil.example:4000',
  'localhost.evil.example',
  'evil-localhost',
  '127.0.0.1.evil.example',
  '127.0.0.1.nip.io:4000',
  '127.1',
  '0x7f000001',
  '2130706433',
  '0.0.0.0:4000',
  '10.1.2.3',
  '[::ffff:127.0.0.1]',
  '[fd00::1]:4000',
])('another name is refused with 421: %s', (host) => {
  expect(statusOf(host)).toBe(421);
});

test.each<[string, string | undefined]>([
  ['no Host', undefined],
  ['an empty Host', ''],
  ['a user name', 'localhost@evil.example'],
  ['a path', 'localhost/evil.example'],
  ['a fragment', 'localhost#evil.example'],
  ['a space', 'localhost evil.example'],
  ['a comma', 'localhost, evil.example'],
  ['an invalid port', 'localhost:evil'],
  ['an open bracket', '[::1'],
  ['a name that is not ASCII', 'lócalhost'],
  ['a percent escape', '%6cocalhost'],
])('a request with %s is refused with 400', (_, host) => {
  expect(statusOf(host)).toBe(400);
});

test('ALLOWED_HOSTS adds names: without a port for every port, with a port for that one', () => {
  const options = { allowedHosts: ['graph.example', 'app.example:8080', '[2001:DB8::0:1]:81'] };
  for (const host of [
    'graph.example',
    'Graph.Example:4000',
    'app.example:8080',
    '[2001:db8::1]:81',
  ])
    expect([host, statusOf(host, options)]).toEqual([host, 200]);
  for (const host of ['app.example', 'app.example:80', 'x.graph.example', '[2001:db8::1]'])
    expect([host, statusOf(host, options)]).toEqual([host, 421]);
  expect(statusOf('localhost', options)).toBe(200);
});

test('the address listened on is accepted; for all addresses, those of this machine', () => {
  expect(statusOf('10.9.9.9:4000', { listenHost: '10.9.9.9' })).toBe(200);
  expect(statusOf('[fd00::9]:4000', { listenHost: 'fd00:0::9' })).toBe(200);
  expect(statusOf('graph.internal', { listenHost: 'Graph.Internal' })).toBe(200);
  for (const listenHost of ['0.0.0.0', '::']) {
    expect(statusOf('10.1.2.3:4000', { listenHost })).toBe(200);
    expect(statusOf('[fd00:0:0::1]', { listenHost })).toBe(200);
    expect(statusOf('10.1.2.4', { listenHost })).toBe(421);
    expect(statusOf('evil.example', { listenHost })).toBe(421);
  }
});
