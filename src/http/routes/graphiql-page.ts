import { createHash } from 'node:crypto';

export interface GraphiQLOptions {
  /** The initial `Authorization` in GraphiQL's headers editor. Null: the editor is empty. */
  readonly authorization: string | null;
  /** Shown while the server answers that the caller is not authenticated. Null: nothing is. */
  readonly keyHint: string | null;
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
 * Runs in the page, before GraphiQL. Defines `pageOptions`, which adds to GraphiQL's options:
 * `query` and `variables` are read from the URL and written to it, so that a reload or a copied
 * link shows them. Nothing is executed by that. Shows the hint by the answers to `fetch`.
 */
const pageScript = (keyHint: string | null): string => `
function pageOptions(options) {
  const url = new URL(location.href);
  const write = (values) => {
    for (const [name, value] of Object.entries(values)) {
      if (value) url.searchParams.set(name, value);
      else url.searchParams.delete(name);
    }
    history.replaceState({}, '', url);
  };
  return {
    ...options,
    // The tabs that GraphiQL has stored are recognized by their headers too.
    initialHeaders: localStorage.getItem('graphiql:headers') || options.headers,
    ...(url.searchParams.has('query') && { variables: url.searchParams.get('variables') ?? '' }),
    onEditQuery: (query) => write({ query }),
    onEditVariables: (variables) => write({ variables }),
    onTabChange: ({ tabs, activeTabIndex }) => {
      const { query, variables } = tabs[activeTabIndex];
      // The example is in every page: a URL without it is easier to pass on.
      if (url.searchParams.has('query') || query !== options.defaultQuery) write({ query, variables });
    },
  };
}

const keyHint = ${JSON.stringify(keyHint)};
if (keyHint !== null) {
  const hint = document.querySelector('#key-hint');
  hint.textContent = keyHint;
  const sendRequest = window.fetch.bind(window);
  window.fetch = async (...request) => {
    const response = await sendRequest(...request);
    if (/json/.test(response.headers.get('content-type'))) {
      response.clone().json().then(({ errors = [] }) => {
        hint.hidden = !errors.some(({ extensions }) => extensions?.code === 'UNAUTHENTICATED');
      }, () => {});
    }
    return response;
  };
}
`;

const hintElement =
  '<div id="key-hint" role="alert" hidden style="position:fixed;z-index:10;bottom:0;' +
  'right:0;max-width:40%;padding:12px 16px;background:#fff3cd;color:#4d3800;font:15px sans-serif"></div>';

/** GraphiQL as one page, and its Content-Security-Policy. It uses no URL but its own. */
export async function renderGraphiQLPage({ authorization, keyHint }: GraphiQLOptions) {
  // Imported on demand: the module takes 9 MB of memory.
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const options = {
    title: 'EnviaAI GraphQL',
    // Without `endpoint`, GraphiQL uses the path of the page, whatever a proxy puts before it.
    defaultQuery,
    // Without it, GraphiQL sends subscriptions by GET.
    method: 'POST' as const,
    ...(authorization !== null && {
      headers: JSON.stringify({ Authorization: authorization }, null, 2),
    }),
  };
  const json = JSON.stringify(options);
  const html = replaceLast(renderGraphiQL(options), json, `pageOptions(${json})`);
  const script = `${hintElement}<script>${pageScript(keyHint)}</script>`;
  const page = replaceLast(html, '<div id="root"></div>', `<div id="root"></div>${script}`);
  return { html: page, policy: policyOf(page) };
}

/** Throws if the text is not there: Yoga's page has changed. */
function replaceLast(text: string, part: string, replacement: string): string {
  const at = text.lastIndexOf(part);
  if (at < 0) throw new Error('The page of GraphiQL has another form than expected');
  return text.slice(0, at) + replacement + text.slice(at + part.length);
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
