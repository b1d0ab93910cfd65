import { type Encoding, encodingOf } from '#src/http/request/accept-encoding.ts';
import { compress } from '#src/http/response/compress.ts';
import { entityTagOf, withEntityTag } from '#src/http/response/entity-tag.ts';
import { send } from '#src/http/response/reply.ts';
import { type GraphiQLOptions, renderGraphiQLPage } from './graphiql-page.ts';
import type { HttpExchange } from './router.ts';

/**
 * Of the compression: 4 MB, as a power of 2. The page repeats text at a distance of more than 64 KB,
 * so that `br` and `zstd` take a sixth less bytes than with the usual window, in the same time.
 */
const windowLog = 22;

export interface GraphiQL {
  readonly serve: (exchange: HttpExchange) => Promise<void>;
}

/**
 * GraphiQL as one HTML page of 9 MB that loads nothing from other servers. The page and each
 * compressed form are created for the first browser that needs them, and memoized.
 */
export function createGraphiQL(options: GraphiQLOptions): GraphiQL {
  const render = memoizeAsync(() => renderPage(options));
  const compressed = (encoding: Encoding) =>
    memoizeAsync(async () => compress((await render()).html, encoding, windowLog));
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

async function renderPage(options: GraphiQLOptions) {
  const { html: text, policy } = await renderGraphiQLPage(options);
  const html = Buffer.from(text);
  return {
    html,
    etag: entityTagOf(html),
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'private, no-cache',
      'content-security-policy': policy,
      'referrer-policy': 'no-referrer',
    },
  };
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
