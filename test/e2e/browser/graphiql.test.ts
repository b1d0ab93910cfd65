import process from 'node:process';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { start } from '#test/support/start.ts';
import { launchBrowser } from '#test/support/browser/browser.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const execute = 'button.graphiql-execute-button';
const response = '.graphiql-response';

test('GraphiQL runs its example in a real browser, without a request to another server', async () => {
  const { page, url, foreign, complaints } = await openGraphiQL();

  await page.locator(execute).click();
  await page.locator(response).getByText('Sales WhatsApp').waitFor();

  expect(await page.title()).toBe('EnviaAI GraphQL');
  expect(await page.locator(response).innerText()).toMatch(/"totalCount":\s3/);
  expect(foreign).toEqual([]);
  expect(complaints).toEqual([]);
  expect(page.url()).toBe(url);
});

test('GraphiQL shows the description of every field from this schema', async () => {
  const { page, foreign, complaints } = await openGraphiQL();

  await page.getByLabel('Show Documentation Explorer').click();
  await page.locator('.graphiql-doc-explorer').getByText('Query', { exact: true }).click();
  await page.locator('.graphiql-doc-explorer').getByText('rateLimit', { exact: true }).waitFor();

  expect(foreign).toEqual([]);
  expect(complaints).toEqual([]);
});

// Not a test: SCREENSHOT=1 renews the picture of the documentation.
if (process.env['SCREENSHOT']) {
  test('the picture for the README', async () => {
    const { page } = await openGraphiQL();
    await page.locator('.graphiql-query-editor .monaco-editor').first().click();
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText(pictured);
    await page.getByLabel(/Prettify/).click();
    await page.locator(execute).click();
    await page.locator(response).getByText('"calls"').waitFor();
    await page.screenshot({ path: 'docs/images/graphiql.png' });
  });
}

const pictured = `# Every line of the account, and what it cost.
query Lines {
  instances(first: 3) {
    totalCount
    nodes {
      name
      status
    }
  }
  rateLimit {
    limit
    remaining
  }
}`;

interface Opened {
  readonly page: Page;
  readonly url: string;
  /** Requests to other hosts, which the browser blocks. */
  readonly foreign: readonly string[];
  /** Errors of the console, of scripts and of the content security policy. */
  readonly complaints: readonly string[];
}

/** GraphiQL as `npm start` serves it, with the embedded sandbox. */
async function openGraphiQL(): Promise<Opened> {
  const { url } = await start({ env: { ENVIAAI_BASE_URL: '' } });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  onTestFinished(() => context.close());
  const foreign: string[] = [];
  const complaints: string[] = [];

  const { origin } = new URL(url);
  await context.route(
    (asked) => asked.origin !== origin,
    async (route) => {
      foreign.push(route.request().url());
      await route.abort();
    },
  );
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  await page.goto(url);
  await page.locator(execute).waitFor();
  return { page, url, foreign, complaints };
}
