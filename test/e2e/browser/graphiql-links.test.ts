import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { launchBrowser } from '#test/support/browser/browser.ts';
import { execute, openPage, response } from '#test/support/browser/open-graphiql.ts';
import { start } from '#test/support/start.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const sandboxed = { env: { ENVIAAI_BASE_URL: '' } };
const query = 'query One($first: Int) { instances(first: $first) { nodes { name } } }';
const search = (variables: object) =>
  String(new URLSearchParams({ query, variables: JSON.stringify(variables) }));

/** The editor of the variables or of the headers. */
const shown = '.graphiql-editor-tool .graphiql-editor:not(.hidden)';

/**
 * Types a text into an editor, in place of its content. The editor closes an open bracket itself,
 * except before a digit.
 */
async function typeInto(page: Page, editor: string, text: string) {
  await page.locator(`${editor} .monaco-editor`).first().click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(text);
}

test('a link with a query and variables opens GraphiQL with both, and executes nothing', async () => {
  const server = await start({ env: { AUTH: 'none', ENVIAAI_API_KEY: 'key' } });
  const { page, problems } = await openPage(browser, `${server.url}?${search({ first: 1 })}`);
  await page.locator('.graphiql-query-editor').getByText('One').first().waitFor();
  expect(server.calls('key')).toEqual([]);

  await page.locator(execute).click();
  await page.locator(response).getByText('Sales WhatsApp').waitFor();
  expect(await page.locator(response).innerText()).not.toContain('Support WhatsApp');
  expect(server.calls('key')).toHaveLength(1);
  expect(problems).toEqual([]);
});

test('a reload shows the query and the variables that were typed, in the same tab', async () => {
  const server = await start(sandboxed);
  const { page, problems } = await openPage(browser, server.url);
  await typeInto(page, '.graphiql-query-editor', query);
  await page.locator('button[data-name="variables"]').click();
  await typeInto(page, shown, '{"first": 2}');
  await page.waitForURL((url) => url.searchParams.get('variables') === '{"first": 2}');

  // GraphiQL stores its tabs half a second later.
  await page.waitForFunction(() =>
    localStorage.getItem('graphiql:tabState')?.includes('\\"first\\": 2'),
  );
  await page.reload();
  await page.locator(execute).click();
  await page.locator(response).getByText('Support WhatsApp').waitFor();
  expect(await page.locator(response).innerText()).not.toContain('Marketing WhatsApp');
  expect(await page.getByRole('tab').count()).toBeLessThanOrEqual(1);
  expect(problems).toEqual([]);
});

test.each([
  ['removes', '', '/graphql'],
  ['passes on', '/api', '/api/graphql'],
])(
  'GraphiQL works behind a proxy that %s the prefix /api',
  async (_, PATH_PREFIX, upstreamPath) => {
    const server = await start({ env: { ENVIAAI_BASE_URL: '', PATH_PREFIX } });
    const paths = new Set<string>();
    const origin = await startReverseProxy((path) => {
      if (!path.startsWith('/api/')) return null;
      const passedOn = PATH_PREFIX ? path : path.slice('/api'.length);
      paths.add(passedOn.split('?')[0] ?? '');
      return new URL(passedOn, server.url).href;
    });
    const { page, foreign, problems } = await openPage(browser, `${origin}/api/`);
    expect(page.url()).toBe(`${origin}/api/graphql`);

    await page.locator(execute).click();
    await page.locator(response).getByText('Sales WhatsApp').waitFor();
    await page.reload();
    await page.locator(execute).waitFor();
    expect(page.url()).toMatch(`${origin}/api/graphql`);
    expect([...paths]).toEqual([PATH_PREFIX ? '/api/' : '/', upstreamPath]);
    expect({ foreign, problems }).toEqual({ foreign: [], problems: [] });
  },
);

test('over EnviaAI, GraphiQL asks for a key, says that it is needed, and stops saying so', async () => {
  const server = await start();
  const { page, problems } = await openPage(browser, server.url);
  const hint = page.locator('#key-hint');
  await page.locator(shown).getByText('Bearer <your EnviaAI key>').waitFor();
  expect(await hint.isVisible()).toBe(false);

  await page.locator(execute).click();
  await hint.getByText('This server needs a valid EnviaAI key.').waitFor();
  expect(server.calls()).toEqual([]);

  await typeInto(page, shown, '{ "Authorization": "Bearer test" ');
  await page.locator(execute).click();
  await page.locator(response).getByText('Sales WhatsApp').waitFor();
  expect(await hint.isVisible()).toBe(false);
  expect(problems).toEqual([]);
});

/** A reverse proxy on a free port. `urlOf` has the URL for a path; null: 404. */
async function startReverseProxy(urlOf: (path: string) => string | null): Promise<string> {
  const proxy = createServer((request, answer) => {
    const url = urlOf(request.url ?? '');
    if (url === null) {
      answer.writeHead(404).end();
      return;
    }
    const { method = '', headers } = request;
    const forwarded = httpRequest(url, { method, headers }, (received) => {
      answer.writeHead(received.statusCode ?? 502, received.headers);
      received.pipe(answer);
    });
    request.pipe(forwarded);
  });
  await new Promise<void>((resolve) => {
    proxy.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(async () => {
    proxy.closeAllConnections();
    await new Promise((resolve) => {
      proxy.close(resolve);
    });
  });
  return `http://localhost:${(proxy.address() as AddressInfo).port}`;
}
