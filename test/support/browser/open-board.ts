import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { startExample } from '#test/support/supergraph/example.ts';

export interface Served {
  readonly url: string;
  /** Changes the account of a key in the sandbox. */
  readonly control: (name: string, input: object) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Starts `npm run board` on free ports, with three instances for each key. */
export async function serveBoard(): Promise<Served> {
  const { line, kill } = startExample('board', { SANDBOX_INSTANCES: '3' });
  const told = (await line()) ?? '';
  const [url = ''] = /http:\/\/localhost:\d+\//.exec(told) ?? [];
  const [, sandbox = ''] = /curl (\S+\/)status /.exec(told) ?? [];
  return {
    url,
    stop: kill,
    async control(name, input) {
      const response = await fetch(sandbox + name, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(input),
      });
      if (!response.ok) throw new Error(await response.text());
    },
  };
}

export interface Opened {
  readonly page: Page;
  /** Errors and warnings of the page's console. */
  readonly complaints: readonly string[];
}

/** Opens the page in a new browser context. */
export async function openBoard(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = { viewport: { width: 1280, height: 800 } },
): Promise<Opened> {
  const context = await browser.newContext(options);
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  await page.goto(url);
  return { page, complaints };
}

export async function signIn(page: Page, key: string): Promise<void> {
  await page.getByLabel('Key').fill(key);
  await page.keyboard.press('Enter');
}
