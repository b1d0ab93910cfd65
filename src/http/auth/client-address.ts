import type { IncomingMessage } from 'node:http';
import { isIP, isIPv6 } from 'node:net';

type Sent = Pick<IncomingMessage, 'headers' | 'socket'>;

/**
 * Where a request came from, as far as so many proxies in front can tell.
 *
 * Each proxy appends whom it heard to `X-Forwarded-For`, so the list is read from its right end,
 * and no further than there are proxies to believe: what stands left of that, anyone can write.
 */
export function clientAddressOf({ headers, socket }: Sent, trustProxy: number): string {
  const listed = trustProxy > 0 ? String(headers['x-forwarded-for'] ?? '').split(',') : [];
  let address = networkOf(socket.remoteAddress ?? '') ?? 'unknown';
  for (const entry of listed.toReversed().slice(0, trustProxy)) {
    const before = networkOf(withoutPort(entry.trim()));
    if (before === null) break;
    address = before;
  }
  return address;
}

/** Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
const withoutPort = (entry: string): string =>
  entry.replace(/^\[([^\]]*)\](?::\d+)?$/, '$1').replace(/^([\d.]+):\d+$/, '$1');

/**
 * An address, or of IPv6 the network of 64 bits, of which one household or machine has at least
 * a whole; null: it is none. A form of its own for each, however it was written.
 */
function networkOf(address: string): string | null {
  const [plain = ''] = address.split('%');
  if (isIP(plain) === 0) return null;
  if (!isIPv6(plain)) return plain;
  const groups = groupsOf(plain);
  // An IPv4 address as a socket for both kinds has it: ::ffff:192.0.2.1.
  if (groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff') {
    return groups
      .slice(6)
      .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255])
      .join('.');
  }
  return `${groups.slice(0, 4).join(':')}::/64`;
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): readonly string[] {
  const [head = [], tail = []] = new URL(`http://[${address}]`).hostname
    .slice(1, -1)
    .split('::')
    .map((part) => part.split(':').filter((group) => group !== ''));
  const missing = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return [...head, ...missing, ...tail];
}
