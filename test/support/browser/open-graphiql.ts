import type { Browser, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';

export const execute = 'button.graphiql-execute-button';
export const response = '.graphiql-response';

export interface OpenedPage {
  readonly page: Page;
  readonly url: string;
  /** URLs of requests to other origins, which were aborted. */
  readonly foreign: readonly string[];
  /** Errors and warnings of the console, the scripts and the content security policy. */
  readonly problems: readonly string[];
}

/** Opens a page of GraphiQL in a new browser profile, until the test ends. */
export async function openPage(browser: Browser, url: string): Promise<OpenedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  onTestFinished(() => context.close());
  const foreign: string[] = [];
  const problems: string[] = [];

  const { origin } = new URL(url);
  await context.route(
    (requested) => requested.origin !== origin,
    async (route) => {
      foreign.push(route.request().url());
      await route.abort();
    },
  );
  const page = await context.newPage();
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text());
  });
  await page.goto(url);
  await page.locator(execute).waitFor();
  return { page, url, foreign, problems };
}
