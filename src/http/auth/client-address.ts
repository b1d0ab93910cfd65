import type { IncomingMessage } from 'node:http';
import { isIP, isIPv6 } from 'node:net';
import { copyText } from '#src/domain/copies.ts';
import { textMemo } from '#src/domain/text-memo.ts';

type AddressedRequest = Pick<IncomingMessage, 'headers' | 'socket'>;

/**
 * The address of the client behind `trustProxy` trusted proxies.
 *
 * Each proxy appends its peer's address to `X-Forwarded-For`. The last `trustProxy` entries are
 * read from right to left; a client can forge every entry before them.
 */
export function clientAddressOf({ headers, socket }: AddressedRequest, trustProxy: number): string {
  const entries = trustProxy > 0 ? String(headers['x-forwarded-for'] ?? '').split(',') : [];
  let address = networkOf(socket.remoteAddress ?? '') ?? 'unknown';
  for (const entry of entries.toReversed().slice(0, trustProxy)) {
    const forwarded = networkOf(withoutPort(entry.trim()));
    if (forwarded === null) break;
    address = forwarded;
  }
  return address;
}

/** Some proxies append the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
const withoutPort = (entry: string): string =>
  entry.replace(/^\[([^\]]*)\](?::\d+)?$/, '$1').replace(/^([\d.]+):\d+$/, '$1');

/**
 * The canonical form of an IPv4 address, or the /64 network of an IPv6 address: one household or
 * machine usually has at least a whole /64. Null: the text is not an address.
 */
function parseNetwork(address: string): string | null {
  const [plain = ''] = address.split('%');
  if (isIP(plain) === 0) return null;
  // A copy: the address is a part of a header of up to 16 KB.
  if (!isIPv6(plain)) return copyText(plain);
  const groups = groupsOf(plain);
  // An IPv4 address of a dual-stack socket: ::ffff:192.0.2.1.
  if (groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff') {
    return groups
      .slice(6)
      .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255])
      .join('.');
  }
  return `${groups.slice(0, 4).join(':')}::/64`;
}

const networkOf = textMemo(parseNetwork, { maxEntries: 1000, maxLength: 64 });

/** The eight groups of an IPv6 address, with `::` expanded. */
function groupsOf(address: string): readonly string[] {
  const [head = [], tail = []] = new URL(`http://[${address}]`).hostname
    .slice(1, -1)
    .split('::')
    .map((part) => part.split(':').filter((group) => group !== ''));
  const missing = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return [...head, ...missing, ...tail];
}
