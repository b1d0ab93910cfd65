import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { send } from '#src/http/response/reply.ts';
import type { HttpExchange } from './router.ts';

export interface GraphiQL {
  readonly serve: (exchange: HttpExchange) => Promise<void>;
}

export interface GraphiQLOptions {
  /** The initial content of GraphiQL's headers editor. Null: empty. */
  readonly headers: Readonly<Record<string, string>> | null;
}

// GraphiQL shows this text with its whitespace.
const defaultQuery = `# The first instances of the account. For the next ones,
# pass pageInfo.endCursor as "after".
query Instances {
  instances(first: 3) {
    totalCount
    pageInfo {
      hasNextPage
      endCursor
    }
    edges {
      node {
        id
        name
        status
        settings {
          autoRead
        }
      }
    }
  }
}
`;

type Encoding = 'br' | 'gzip' | 'identity';

/**
 * GraphiQL as one HTML page of 9 MB that loads nothing from other servers. The page and each
 * compressed form are created for the first browser that needs them, and memoized.
 */
export function createGraphiQL(options: GraphiQLOptions): GraphiQL {
  const render = memoizeAsync(() => renderPage(options));
  const encoded = {
    identity: memoizeAsync(async () => (await render()).html),
    gzip: memoizeAsync(async () => promisify(gzip)((await render()).html, { level: 6 })),
    br: memoizeAsync(async () => {
      const { html } = await render();
      const params = { [constants.BROTLI_PARAM_QUALITY]: 5 };
      return promisify(brotliCompress)(html, { params });
    }),
  } satisfies Record<Encoding, () => Promise<Buffer>>;

  return {
    async serve(exchange) {
      const { headers: sent } = exchange.request;
      const { etag, headers } = await render();
      const encoding = encodingOf(sent['accept-encoding']);
      const common = { ...headers, etag, vary: 'Accept, Accept-Encoding, Authorization, Origin' };
      if (sent['if-none-match']?.includes(etag)) {
        return send(exchange, { status: 304, headers: common });
      }
      const coding = encoding === 'identity' ? {} : { 'content-encoding': encoding };
      const body = await encoded[encoding]();
      send(exchange, { status: 200, headers: { ...common, ...coding }, body });
    },
  };
}

async function renderPage({ headers }: GraphiQLOptions) {
  // Imported on demand: the module takes 9 MB of memory.
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const html = renderGraphiQL({
    title: 'EnviaAI GraphQL',
    endpoint: '/graphql',
    defaultQuery,
    ...(headers && { headers: JSON.stringify(headers, null, 2) }),
  });
  return {
    html: Buffer.from(html),
    etag: `"${createHash('sha256').update(html).digest('base64url').slice(0, 22)}"`,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'private, no-cache',
      'content-security-policy': policyOf(html),
      'referrer-policy': 'no-referrer',
    },
  };
}

/**
 * A Content-Security-Policy that allows the scripts of the page by their hashes, and the editor's
 * workers.
 */
function policyOf(html: string): string {
  const scripts = [...html.matchAll(/<script>([^]*?)<\/script>/g)].map(
    ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
  return [
    "default-src 'none'",
    `script-src ${scripts.join(' ')}`,
    // The editor creates styles at run time.
    "style-src 'unsafe-inline'",
    'worker-src blob:',
    'img-src data: blob:',
    'font-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function encodingOf(header: string | string[] | undefined): Encoding {
  const accepted = String(header ?? '')
    .split(',')
    .filter((part) => !/;\s*q=0(?:\.0*)?\s*$/.test(part))
    .map((part) => (part.split(';')[0] ?? '').trim().toLowerCase());
  if (accepted.includes('br')) return 'br';
  return accepted.includes('gzip') ? 'gzip' : 'identity';
}

/** Memoizes a promise. If it rejects, the next call tries again. */
function memoizeAsync<T>(create: () => Promise<T>): () => Promise<T> {
  let promise: Promise<T> | null = null;
  return () => {
    promise ??= create().catch((error: unknown) => {
      promise = null;
      throw error;
    });
    return promise;
  };
}
