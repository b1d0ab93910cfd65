import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '#test/support/browser/browser.ts';
import { execute, openPage, response } from '#test/support/browser/open-graphiql.ts';
import { line, startWatched } from '#test/support/live/watched-server.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

test('GraphiQL shows a code when it comes, and how it ended', async () => {
  const env = { AUTH: 'none', ENVIAAI_API_KEY: 'test', MUTATIONS: 'on' };
  const server = await startWatched({ env });
  await server.connect();
  const query = `subscription { instanceQrCode(id: "${line}") { status outcome } }`;
  const url = `${server.url}?${new URLSearchParams({ query })}`;
  const { page, problems } = await openPage(browser, url);

  await page.locator(execute).click();
  await page.locator(response).getByText('QR_PENDING').waitFor();
  server.control.scan({ key: 'test', id: line });
  await server.pass(3500);
  await page.locator(response).getByText('LINKED').waitFor();
  expect(problems).toEqual([]);
});
