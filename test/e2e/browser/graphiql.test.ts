import process from 'node:process';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '#test/support/browser/browser.ts';
import { execute, openPage, response } from '#test/support/browser/open-graphiql.ts';
import { start } from '#test/support/start.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** Opens GraphiQL as `npm start` serves it, with the embedded sandbox. */
async function openGraphiQL() {
  const { url } = await start({ env: { ENVIAAI_BASE_URL: '' } });
  return openPage(browser, url);
}

test('GraphiQL runs its example in a real browser, without requests to other origins', async () => {
  const { page, url, foreign, problems } = await openGraphiQL();

  await page.locator(execute).click();
  await page.locator(response).getByText('Sales WhatsApp').waitFor();

  expect(await page.title()).toBe('EnviaAI GraphQL');
  expect(await page.locator(response).innerText()).toMatch(/"totalCount":\s3/);
  expect(foreign).toEqual([]);
  expect(problems).toEqual([]);
  expect(page.url()).toBe(url);
});

test('GraphiQL shows the documentation from the schema of this server', async () => {
  const { page, foreign, problems } = await openGraphiQL();

  await page.getByLabel('Show Documentation Explorer').click();
  await page.locator('.graphiql-doc-explorer').getByText('Query', { exact: true }).click();
  await page.locator('.graphiql-doc-explorer').getByText('rateLimit', { exact: true }).waitFor();

  expect(foreign).toEqual([]);
  expect(problems).toEqual([]);
});

// A tool, not a test: updates the picture of the README.
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

const pictured = `# Every line of the account, and its cost.
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
