import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { startExample } from '#test/support/supergraph/example.ts';

export interface Served {
  readonly url: string;
  /** Makes something happen to a key's account in the sandbox behind it. */
  readonly control: (name: string, input: object) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** `npm run board`, but on free ports, and with three instances for each key. */
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
  /** What the page's console complained of. */
  readonly complaints: readonly string[];
}

/** The page as somebody opens it for the first time. */
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
