import process from 'node:process';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startingRows } from '#src/sandbox/account/grow.ts';
import { launchBrowser } from '#test/support/browser/browser.ts';
import { startExample } from '#test/support/supergraph/example.ts';
import { openBoard, type Served, serveBoard, signIn } from '#test/support/browser/open-board.ts';

let browser: Browser;
let board: Served;
beforeAll(async () => {
  [browser, board] = await Promise.all([launchBrowser(), serveBoard()]);
});
afterAll(() => Promise.all([browser.close(), board.stop()]));

// Every test signs in with a different key, so it has a separate account and budget.
const instances = (page: Page) => page.getByRole('listitem');
const instance = (page: Page, name: string) => instances(page).filter({ hasText: name });
const notice = (page: Page) => page.getByRole('status');

test('the board shows three instances, and a change in EnviaAI within 5 seconds', async () => {
  const { page, problems } = await openBoard(browser, board.url);
  await signIn(page, 'change');
  await instance(page, 'Sales WhatsApp').getByText('Connected', { exact: true }).waitFor();
  expect(await instances(page).count()).toBe(3);

  await board.control('status', { key: 'change', id: 'inst_abc123', status: 'connecting' });
  const changed = instance(page, 'Sales WhatsApp').getByText('Connecting', { exact: true });
  await changed.waitFor({ timeout: 5000 });
  // The change is announced to screen readers.
  await page.locator('[aria-live=polite]').getByText('Sales WhatsApp: Connecting').waitFor();
  expect(problems).toEqual([]);
});

test('with the budget spent the board still shows its rows, and the time of fresh data', async () => {
  const { page } = await openBoard(browser, board.url);
  await signIn(page, 'spent');
  await instance(page, 'Sales WhatsApp').waitFor();

  await board.control('spend', { key: 'spent', remaining: 0 });
  await notice(page).getByText('calls are used up').waitFor();
  await page.getByText('Not live').waitFor();
  await page.getByText('0 of 50 calls left').waitFor();
  const text = await notice(page).innerText();
  expect(text).toMatch(/Fresh data comes at \d\d:\d\d:\d\d, in \d+ s/);
  expect(await instances(page).count()).toBe(3);

  // No cached row has this status. The first list is shown again after it.
  await page.getByRole('radio', { name: 'Connecting' }).check();
  await expect.poll(() => instances(page).count()).toBe(0);
  await notice(page)
    .getByText(/Fresh data comes at .*, in \d+ s/)
    .waitFor();
  await page.getByRole('radio', { name: 'All' }).check();
  await expect.poll(() => instances(page).count()).toBe(3);
});

test('a list longer than the screen loads more rows while scrolling, to its end', async () => {
  await board.control('add', { key: 'long', count: 117 });
  const { page } = await openBoard(browser, board.url);
  await signIn(page, 'long');
  await page.getByText('120 in this list').waitFor();
  await expect
    .poll(async () => {
      await page.keyboard.press('End');
      return instances(page).count();
    })
    .toBe(120);
  expect(await page.getByRole('button', { name: 'Show more' }).count()).toBe(0);
});

test('the filter works with only the keyboard, and an empty list is explained', async () => {
  const { page } = await openBoard(browser, board.url);
  await signIn(page, 'filter');
  await instance(page, 'Sales WhatsApp').waitFor();

  await page.getByRole('radio', { name: 'All' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => instances(page).count()).toBe(2);
  await page.keyboard.press('ArrowRight');
  await page.getByRole('heading', { name: 'None with this status' }).waitFor();
  await page.getByRole('button', { name: 'Show all' }).click();
  await expect.poll(() => instances(page).count()).toBe(3);
});

test('a key that EnviaAI refuses leads back to the sign-in form, with the reason', async () => {
  const { page } = await openBoard(browser, board.url);
  await signIn(page, 'invalid');
  await page.getByRole('alert').getByText('This key is not accepted').waitFor();
  await signIn(page, 'accepted');
  await instance(page, 'Sales WhatsApp').waitFor();
});

test('on a phone the page does not scroll sideways', async () => {
  const { page } = await openBoard(browser, board.url, { viewport: { width: 360, height: 740 } });
  await signIn(page, 'phone');
  await page.getByText(/calls left/).waitFor();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
});

test('the board exits with code 0 after SIGTERM', async () => {
  const { child, line, ended, kill } = startExample('board');
  onTestFinished(kill);
  expect(await line()).toContain('The board is at ');
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
});

// A tool, not a test: updates the picture of the README.
if (process.env['SCREENSHOT']) {
  test('the picture for the README', async () => {
    await board.control('add', { key: 'picture', count: 87 });
    // The fonts of the tests' browser lack these characters.
    const names = /Delivery|予約/;
    const ids = startingRows(90).flatMap((row) => (names.test(String(row['name'])) ? row.id : []));
    await board.control('remove', { key: 'picture', ids });
    const { page } = await openBoard(browser, board.url);
    await signIn(page, 'picture');
    await page.getByText(/calls left/).waitFor();
    await page.screenshot({ path: 'docs/images/board.png' });
  });
}
