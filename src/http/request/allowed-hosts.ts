import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { HttpError } from '#src/http/response/http-error.ts';

export interface AllowedHostsOptions {
  /** The address that the server listens on: a name or an IP address. */
  readonly listenHost: string;
  /** More names, each with or without a port (`ALLOWED_HOSTS`). In lower case. */
  readonly allowedHosts: readonly string[];
  /** The addresses of this machine, by default those of its network interfaces. */
  readonly machineAddresses?: () => readonly string[];
}

/** Throws a 421 error for a request to a host that is not a name of this server. */
export type AssertHost = (host: string | undefined) => void;

/**
 * Defends against DNS rebinding, where no credential is asked for: a page of another site whose
 * name resolves to this address has the same origin as this server, for the browser. Only its
 * `Host` header differs.
 *
 * Accepted are loopback names, the address that the server listens on (each address of this machine
 * if that is 0.0.0.0 or ::), and `allowedHosts`.
 */
export function createAssertHost(options: AllowedHostsOptions): AssertHost {
  const { listenHost, allowedHosts, machineAddresses = addressesOfInterfaces } = options;
  const allowed = new Set(allowedHosts.map((text) => textOf(parseHost(text) ?? { name: text })));
  const listensOnAll = listenHost === '0.0.0.0' || listenHost === '::';
  const listenName = hostNameOf(listenHost);

  const isAllowed = ({ name, port }: Host): boolean =>
    isLoopbackName(name) ||
    name === listenName ||
    allowed.has(name) ||
    allowed.has(textOf({ name, port })) ||
    (listensOnAll && isIP(withoutBrackets(name)) > 0 && machineAddresses().includes(name));

  return (text) => {
    const host = text === undefined ? null : parseHost(text);
    if (!host) throw new HttpError(400, 'The request must name its host in the Host header.');
    if (isAllowed(host)) return;
    throw new HttpError(
      421,
      'The Host header is not a name of this server. The operator can add names with the variable ' +
        'ALLOWED_HOSTS, such as ALLOWED_HOSTS=graph.example.com.',
    );
  };
}

interface Host {
  /** In lower case, without a final dot; an IPv6 address in brackets. */
  readonly name: string;
  readonly port?: string | undefined;
}

const textOf = ({ name, port }: Host): string => (port === undefined ? name : `${name}:${port}`);

/** Null: the text is not a host name or an address, with or without a port. */
function parseHost(value: string): Host | null {
  const [, name = '', port] =
    /^(\[[\da-f:.]{2,45}\]|[\w.-]{1,255})(?::(\d{1,5}))?$/i.exec(value) ?? [];
  return name === '' ? null : { name: hostNameOf(name), port };
}

/** The canonical form of a name or an address: `[::1]` for `::1` and for `[0:0:0:0:0:0:0:1]`. */
function hostNameOf(text: string): string {
  const plain = withoutBrackets(text);
  if (isIP(plain) === 6) return new URL(`http://[${plain}]`).hostname;
  return text.toLowerCase().replace(/\.$/, '');
}

const withoutBrackets = (name: string): string => name.replace(/^\[(.*)\]$/, '$1');

const isLoopbackName = (name: string): boolean =>
  name === 'localhost' ||
  name === '[::1]' ||
  name.endsWith('.localhost') ||
  (isIP(name) === 4 && name.startsWith('127.'));

const addressesOfInterfaces = (): readonly string[] =>
  Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.map(({ address }) => hostNameOf(address)),
  );
