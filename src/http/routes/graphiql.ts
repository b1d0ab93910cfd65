import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { send } from '#src/http/response/reply.ts';

export interface GraphiQLPage {
  readonly send: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

export interface GraphiQLOptions {
  /** The headers an operation starts with, or null: none. */
  readonly headers: Readonly<Record<string, string>> | null;
}

// Its own spaces: the page shows it as it stands here.
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
 * GraphiQL as one page of 9 MB that asks nothing of any other server. It is made, and compressed
 * in each way that is asked for, when the first browser comes, and once.
 */
export function createGraphiQL(options: GraphiQLOptions): GraphiQLPage {
  const render = once(() => renderPage(options));
  const encoded = {
    identity: once(async () => (await render()).html),
    gzip: once(async () => promisify(gzip)((await render()).html, { level: 6 })),
    br: once(async () => {
      const { html } = await render();
      const params = { [constants.BROTLI_PARAM_QUALITY]: 5 };
      return promisify(brotliCompress)(html, { params });
    }),
  } satisfies Record<Encoding, () => Promise<Buffer>>;

  return {
    async send(request, response) {
      const { etag, headers } = await render();
      const encoding = encodingOf(request.headers['accept-encoding']);
      const common = { ...headers, etag, vary: 'Accept, Accept-Encoding, Authorization, Origin' };
      if (request.headers['if-none-match']?.includes(etag)) {
        return send(response, { status: 304, headers: common });
      }
      const coding = encoding === 'identity' ? {} : { 'content-encoding': encoding };
      const body = await encoded[encoding]();
      send(response, { status: 200, headers: { ...common, ...coding }, body });
    },
  };
}

async function renderPage({ headers }: GraphiQLOptions) {
  // On demand: 9 MB that a server without GraphiQL need not hold.
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

/** Everything is in the page: its scripts, by their hashes, its styles, the editor's workers as blobs. */
function policyOf(html: string): string {
  const scripts = [...html.matchAll(/<script>([^]*?)<\/script>/g)].map(
    ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
  return [
    "default-src 'none'",
    `script-src ${scripts.join(' ')}`,
    // The editor makes and changes styles as it runs.
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
  const offered = String(header ?? '')
    .split(',')
    .filter((part) => !/;\s*q=0(?:\.0*)?\s*$/.test(part))
    .map((part) => (part.split(';')[0] ?? '').trim().toLowerCase());
  if (offered.includes('br')) return 'br';
  return offered.includes('gzip') ? 'gzip' : 'identity';
}

/** The same promise for everyone; if it fails, the next one tries again. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = null;
      throw error;
    });
    return made;
  };
}
