import { fetch as fetchWith } from 'undici';
import { createProxyAgent } from '#src/enviaai/client/proxy-agent.ts';
import type { FetchKeys } from '#src/http/auth/jwks.ts';

export interface KeyFetch {
  /** Undefined: the platform's `fetch`. */
  readonly fetchKeys: FetchKeys | undefined;
  readonly close: () => Promise<void>;
}

/** Fetches the issuer's keys through the proxy. Null: directly. */
export function createKeyFetch(proxy: URL | null, timeoutMs: number): KeyFetch {
  if (!proxy) return { fetchKeys: undefined, close: async () => {} };
  const dispatcher = createProxyAgent({ proxy, timeoutMs });
  return {
    fetchKeys: (href, { headers, redirect, signal }) =>
      fetchWith(href, { headers: Object.fromEntries(headers), redirect, signal, dispatcher }),
    close: () => dispatcher.close(),
  };
}
