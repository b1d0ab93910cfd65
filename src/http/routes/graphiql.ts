import { createHash } from 'node:crypto';
import { type Encoding, encodingOf } from '#src/http/request/accept-encoding.ts';
import { compress } from '#src/http/response/compress.ts';
import { entityTagOf, withEntityTag } from '#src/http/response/entity-tag.ts';
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

/**
 * GraphiQL as one HTML page of 9 MB that loads nothing from other servers. The page and each
 * compressed form are created for the first browser that needs them, and memoized.
 */
export function createGraphiQL(options: GraphiQLOptions): GraphiQL {
  const render = memoizeAsync(() => renderPage(options));
  const compressed = (encoding: Encoding) =>
    memoizeAsync(async () => compress((await render()).html, encoding));
  const encoded = { br: compressed('br'), zstd: compressed('zstd'), gzip: compressed('gzip') };

  return {
    async serve(exchange) {
      const { headers: sent } = exchange.request;
      const { html, etag, headers } = await render();
      const encoding = encodingOf(sent['accept-encoding']);
      const common = { ...headers, vary: 'Accept, Accept-Encoding, Authorization, Origin' };
      const plain = { status: 200, headers: common, body: html };
      const reply = withEntityTag(plain, etag, sent['if-none-match']);
      if (reply.status === 304 || !encoding) return send(exchange, reply);
      const body = await encoded[encoding]();
      send(exchange, {
        ...reply,
        headers: { ...reply.headers, 'content-encoding': encoding },
        body,
      });
    },
  };
}

async function renderPage({ headers }: GraphiQLOptions) {
  // Imported on demand: the module takes 9 MB of memory.
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const text = renderGraphiQL({
    title: 'EnviaAI GraphQL',
    endpoint: '/graphql',
    defaultQuery,
    ...(headers && { headers: JSON.stringify(headers, null, 2) }),
  });
  const html = Buffer.from(text);
  return {
    html,
    etag: entityTagOf(html),
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'private, no-cache',
      'content-security-policy': policyOf(text),
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
