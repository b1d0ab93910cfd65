import { expect, test } from 'vitest';
import { clientAddressOf } from '#src/http/auth/client-address.ts';

/** The client address of a request with this `X-Forwarded-For`, sent by the proxy at 10.0.0.9. */
function addressOf(trustProxy: number, forwarded?: string, remoteAddress = '10.0.0.9') {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  const request = { headers, socket: { remoteAddress } };
  return clientAddressOf(request as Parameters<typeof clientAddressOf>[0], trustProxy);
}

test('without a trusted proxy, the address is that of the connection', () => {
  expect(addressOf(0)).toBe('10.0.0.9');
  expect(addressOf(0, '192.0.2.1')).toBe('10.0.0.9');
});

test('each trusted proxy contributes one entry, and the entries before are ignored', () => {
  const forwarded = '1.1.1.1, 192.0.2.1, 192.0.2.2';
  expect(addressOf(1, forwarded)).toBe('192.0.2.2');
  expect(addressOf(2, forwarded)).toBe('192.0.2.1');
});

test('with fewer entries than trusted proxies, the address is the first entry', () => {
  expect(addressOf(2)).toBe('10.0.0.9');
  expect(addressOf(2, '192.0.2.2')).toBe('192.0.2.2');
});

test.each(['unknown', '', '_hidden', '192.0.2.1; drop', '999.1.1.1', '<script>', ','])(
  'an entry that is not an address is replaced by the address of its proxy: %s',
  (entry) => {
    expect(addressOf(1, entry)).toBe('10.0.0.9');
    expect(addressOf(2, `${entry}, 192.0.2.2`)).toBe('192.0.2.2');
  },
);

test.each([
  ['192.0.2.1:4711', '192.0.2.1'],
  [' 192.0.2.1 ', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:c000:201', '192.0.2.1'],
  ['[2001:db8::1]:4711', '2001:db8:0:0::/64'],
  ['[2001:db8::1]', '2001:db8:0:0::/64'],
  ['2001:0DB8:0000:0000:1:2:3:4', '2001:db8:0:0::/64'],
  ['2001:db8::ffff:ffff:ffff:ffff', '2001:db8:0:0::/64'],
  ['2001:db8:0:1::1', '2001:db8:0:1::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])(
  'an address has one canonical form, and a /64 network of IPv6 is one caller: %s',
  (entry, address) => {
    expect(addressOf(1, entry)).toBe(address);
    expect(addressOf(0, undefined, entry.trim().replace(/:4711$/, ''))).toBe(
      entry.startsWith('[') ? 'unknown' : address,
    );
  },
);
