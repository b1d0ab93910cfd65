import { HttpError } from '#src/http/response/http-error.ts';
import { allowsOrigin, type Cors } from '#src/http/response/cors.ts';
import { headerValues } from './header-values.ts';

export interface ForeignPageOptions {
  readonly cors: Cors;
  /** Whether operations run without a credential, so that any page could send them. */
  readonly isOpen: boolean;
}

/** Throws a 403 error for a request that a browser sends for a page of another site. */
export type AssertOwnPage = (request: {
  readonly rawHeaders: readonly string[];
  /** The host that the request is for. */
  readonly host: string | undefined;
}) => void;

/**
 * Defends against pages that spend calls in a visitor's name (CSRF): with an `<img>`, a link or a
 * form, a page can send a GET to any address that its visitor can reach. Browsers say where a
 * request comes from; a page cannot change these headers. Programs do not send them, and are not
 * affected.
 */
export function createAssertOwnPage({ cors, isOpen }: ForeignPageOptions): AssertOwnPage {
  return ({ rawHeaders, host }) => {
    const sites = headerValues(rawHeaders, 'sec-fetch-site');
    const origins = headerValues(rawHeaders, 'origin');
    if (sites.length === 0 && !isOpen) return;
    const [origin] = origins;
    if (origins.length === 1 && origin !== undefined && allowsOrigin(cors, origin)) return;
    const isOwn =
      sites.length > 0
        ? sites.every((site) => ownSites.has(site))
        : isOwnOrigin(rawHeaders, { origins, host });
    if (!isOwn) throw new HttpError(403, refusal);
  };
}

/** The page is one of this server (GraphiQL), or the user entered the URL. */
const ownSites: ReadonlySet<string> = new Set(['same-origin', 'none']);

const refusal =
  'A page of another site may not send operations to this server. The operator can allow its ' +
  'origin with the variable CORS_ORIGINS.';

/**
 * For a client that does not send `Sec-Fetch-Site`: an old browser, a browser that uses plain http
 * to another machine, or a program. A browser's GET without an `Origin` may come from any page.
 */
function isOwnOrigin(
  rawHeaders: readonly string[],
  { origins, host }: { readonly origins: readonly string[]; readonly host: string | undefined },
): boolean {
  const [origin] = origins;
  if (origin === undefined) {
    return !headerValues(rawHeaders, 'user-agent').some((agent) => agent.startsWith('Mozilla/'));
  }
  // Without the scheme: a proxy may have ended TLS.
  return origins.length === 1 && /^https?:\/\/(.+)$/.exec(origin)?.[1] === host?.toLowerCase();
}
