import { isLoopback } from './validators.ts';

/** The variables of proxies, each also in lower case, which comes first. */
export const proxyVariableNames = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'] as const;

export type ProxyChoice =
  /** Null: calls are direct. */
  { readonly proxy: URL | null } | { readonly problem: string };

/**
 * The proxy for calls to a URL, as most programs choose it: `HTTPS_PROXY` for https, else
 * `HTTP_PROXY`, unless `NO_PROXY` names the host. Never for this machine: a proxy's `localhost` is
 * another one. A variable is checked only if it is used: a platform may set it for all its
 * processes.
 */
export function proxyFor(
  target: URL,
  env: Readonly<Record<string, string | undefined>>,
): ProxyChoice {
  const names = target.protocol === 'https:' ? ['HTTPS_PROXY', 'HTTP_PROXY'] : ['HTTP_PROXY'];
  const valueOf = (name: string) => env[name.toLowerCase()] || env[name] || '';
  const name = names.find((each) => valueOf(each) !== '');
  if (name === undefined || isLoopback(target) || isExcluded(target, valueOf('NO_PROXY'))) {
    return { proxy: null };
  }
  const text = valueOf(name);
  const proxy = URL.canParse(text) ? new URL(text) : null;
  if (proxy && /^https?:$/.test(proxy.protocol) && hasReadableCredentials(proxy)) return { proxy };
  return {
    problem: `${name}: must be the http or https URL of a proxy, such as http://proxy.example.com:3128`,
  };
}

function hasReadableCredentials({ username, password }: URL): boolean {
  try {
    decodeURIComponent(`${username}:${password}`);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether `NO_PROXY` names the host: `example.com` and `.example.com` with its subdomains,
 * `*.example.com` its subdomains only, `*` every host; each with a port or without.
 */
function isExcluded(target: URL, noProxy: string): boolean {
  const host = target.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  const port = target.port || (target.protocol === 'https:' ? '443' : '80');
  return noProxy.split(/[\s,]+/).some((entry) => {
    const { name, port: entryPort } = entryOf(entry.toLowerCase());
    if (name === '' || (entryPort !== undefined && entryPort !== port)) return false;
    const domain = name.replace(/^\*?\./, '');
    const isSubdomain = host.endsWith(`.${domain}`);
    return name === '*' || isSubdomain || (!name.startsWith('*') && host === domain);
  });
}

/** An IPv6 address has colons: it is in brackets if a port follows. */
function entryOf(entry: string): { readonly name: string; readonly port: string | undefined } {
  const [, name, port] =
    /^\[(.+)\](?::(\d+))?$/.exec(entry) ?? /^([^:]*)(?::(\d+))?$/.exec(entry) ?? [];
  return { name: (name ?? entry).replace(/(?<=.)\.$/, ''), port };
}
