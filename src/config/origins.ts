import { z } from 'zod';

const example = 'such as https://app.example.com';

/** Schemes whose pages have no origin of their own: browsers send `null` for them. */
const withoutOrigin: ReadonlySet<string> = new Set(['file', 'data', 'blob', 'javascript', 'about']);

/**
 * Origins that browsers may call from (`CORS_ORIGINS`), in the form in which browsers send them: of
 * http and https, of an app's scheme (`capacitor://localhost`), or with `*` for exactly one label
 * of the host (`https://*.example.com`). Anything that could never match stops the start.
 */
export const origins = z
  .string()
  .transform((text, context) => {
    const list = text.split(',').map((origin) => origin.trim().toLowerCase());
    for (const [index, origin] of list.entries()) {
      const problem = problemOf(origin);
      if (problem !== null) context.addIssue(`entry ${index + 1} ${problem}`);
    }
    return list;
  })
  .optional();

/** Why no browser sends this origin, or why any page could. Null: it can be used. */
function problemOf(origin: string): string | null {
  if (origin === '') return 'is empty: remove the comma';
  if (origin === '*') return 'is "*", which admits the pages of every site: list the origins';
  if (origin === 'null') return 'is "null", which is the origin of any page in a sandboxed frame';
  const [, scheme, rest = ''] = /^([a-z][a-z\d+.-]*):\/\/(.*)$/.exec(origin) ?? [];
  if (scheme === undefined) return `has no scheme: an origin is a scheme and a host, ${example}`;
  if (withoutOrigin.has(scheme)) return `has the scheme ${scheme}, whose pages have no origin`;
  if (rest.includes('@')) return 'has a user name, which is no part of an origin';
  if (/[/?#]/.test(rest)) return `has a path or a final slash: write the origin alone, ${example}`;
  if (scheme !== 'http' && scheme !== 'https') return problemOfAppHost(rest);
  return rest.includes('*') ? problemOfWildcard(scheme, rest) : problemOfHost(scheme, rest);
}

const problemOfAppHost = (host: string): string | null =>
  /^[\w.-]+(?::\d{1,5})?$/.test(host)
    ? null
    : 'must be the scheme of an app and a host, such as capacitor://localhost';

function problemOfWildcard(scheme: string, host: string): string | null {
  const [, domain = ''] = /^\*\.([^*]+)$/.exec(host) ?? [];
  if (domain === '')
    return 'has a "*" that is not the whole first label: write https://*.example.com';
  if (!/\.[a-z]|^localhost(?::|$)/.test(domain)) {
    return 'has a "*" that admits every site of a top-level domain: write https://*.example.com';
  }
  return problemOfHost(scheme, domain);
}

/** A browser sends the host in its canonical form, and no default port. */
function problemOfHost(scheme: string, host: string): string | null {
  const text = `${scheme}://${host}`;
  if (!URL.canParse(text)) return `has no valid host or port: write an origin ${example}`;
  const { origin } = new URL(text);
  if (origin === text) return null;
  const port = scheme === 'https' ? ':443' : ':80';
  return host.endsWith(port)
    ? `has the port ${port.slice(1)}, which browsers leave out of an origin with this scheme`
    : 'has a host in another form than browsers send: letters that are not ASCII as xn--…, addresses without zeros in front';
}
