import process from 'node:process';
import type { Browser, Locator, Page } from 'playwright-core';
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

/** Counts the polls of the list; `isCut`: while it is true, streams of the list cannot be opened. */
async function watchTraffic(page: Page) {
  const traffic = { polls: 0, streams: 0, isCut: false };
  // urql sends queries by GET.
  page.on('request', (request) => {
    if (request.url().includes('operationName=Board')) traffic.polls += 1;
  });
  await page.route('**/graphql', (route) => {
    if (!route.request().postData()?.includes('subscription Watch')) return route.continue();
    traffic.streams += 1;
    return traffic.isCut ? route.abort() : route.continue();
  });
  return traffic;
}

test('a change appears by the stream, without a poll', async () => {
  const key = 'stream';
  const { page, problems } = await openBoard(browser, board.url);
  const traffic = await watchTraffic(page);
  await signIn(page, key);
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByText(/calls left/).waitFor();
  const { polls } = traffic;
  expect(polls).toBeGreaterThan(0);
  await board.control('status', { key, id: 'inst_abc123', status: 'disconnected' });
  await statusOf(page, 'Sales WhatsApp', 'Disconnected').waitFor();
  await board.control('remove', { key, id: 'inst_def456' });
  await page.getByText('2 in this list').waitFor();
  expect(await instances(page).count()).toBe(2);
  expect(traffic).toMatchObject({ polls, streams: 1 });
  expect(problems).toEqual([]);
});

test('while the stream is lost, the board says so, and polls', async () => {
  const key = 'no-stream';
  const { page } = await openBoard(browser, board.url);
  const traffic = await watchTraffic(page);
  traffic.isCut = true;
  await signIn(page, key);
  await page.getByText('Reconnecting').waitFor();
  await board.control('status', { key, id: 'inst_abc123', status: 'disconnected' });
  await statusOf(page, 'Sales WhatsApp', 'Disconnected').waitFor();
  expect(traffic.polls).toBeGreaterThan(1);
  traffic.isCut = false;
  await page.getByText('Live', { exact: true }).waitFor();
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

const dialog = (page: Page) => page.getByRole('dialog');
const button = (scope: Page | Locator, name: string | RegExp) =>
  scope.getByRole('button', { name });
const qrCode = (page: Page) => dialog(page).getByRole('img', { name: 'QR code' });
const statusOf = (page: Page, name: string, status: string) =>
  instance(page, name).getByText(status, { exact: true });

test('a phone is linked: the dialog shows the code, each new one, and that it was scanned', async () => {
  const key = 'link';
  await board.control('qr', { key, firstMs: 3000, nextMs: 30_000, codes: 6 });
  const { page, problems } = await openBoard(browser, board.url);
  await signIn(page, key);
  await button(instance(page, 'Marketing WhatsApp'), 'Link a phone').click();
  await dialog(page).getByRole('heading', { name: 'Link a phone to Marketing' }).waitFor();
  const first = await qrCode(page).getAttribute('src');
  expect(first).toMatch(/^data:image\/png;base64,/);
  await dialog(page)
    .getByText(/A new code comes in [0-3] s/)
    .waitFor();
  await expect.poll(() => qrCode(page).getAttribute('src')).not.toBe(first);
  // It is decoded: the data is a picture.
  expect(await page.evaluate('document.querySelector("dialog img").naturalWidth')).toBeGreaterThan(
    0,
  );

  await board.control('scan', { key, id: 'inst_ghi789' });
  await dialog(page).getByText('The phone is linked.').waitFor();
  await statusOf(page, 'Marketing WhatsApp', 'Connected').waitFor();
  expect(await qrCode(page).count()).toBe(0);
  await button(dialog(page), 'Done').click();
  await expect.poll(() => dialog(page).count()).toBe(0);
  expect(problems).toEqual([]);
});

test('a stream of codes that is lost is opened again', async () => {
  const key = 'lost';
  const { page } = await openBoard(browser, board.url);
  let streams = 0;
  await page.route('**/graphql', (route) => {
    if (!route.request().postData()?.includes('subscription QrCode')) return route.continue();
    streams += 1;
    return streams === 1 ? route.abort() : route.continue();
  });
  await signIn(page, key);
  await button(instance(page, 'Marketing WhatsApp'), 'Link a phone').click();
  await qrCode(page).waitFor();
  await expect.poll(() => streams).toBe(2);
  await board.control('scan', { key, id: 'inst_ghi789' });
  await dialog(page).getByText('The phone is linked.').waitFor();
});

test('codes that nobody scans end, and a new one can be had', async () => {
  const key = 'expire';
  await board.control('qr', { key, firstMs: 2000, nextMs: 2000, codes: 1 });
  const { page } = await openBoard(browser, board.url);
  await signIn(page, key);
  await button(instance(page, 'Marketing WhatsApp'), 'Link a phone').click();
  await qrCode(page).waitFor();
  await dialog(page).getByText('No phone scanned a code in time.').waitFor();
  expect(await qrCode(page).count()).toBe(0);
  await board.control('qr', { key, firstMs: 30_000 });
  await button(dialog(page), 'New code').click();
  await qrCode(page).waitFor();
  // Escape closes the dialog, and the focus is where it was.
  await page.keyboard.press('Escape');
  await expect.poll(() => dialog(page).count()).toBe(0);
  expect(await page.evaluate('document.activeElement.textContent')).toContain('Link a phone');
});

test('an instance that has no code says why, and a spent budget when to try again', async () => {
  const key = 'refused';
  const id = 'inst_ghi789';
  await board.control('official', { key, id, on: true });
  const { page } = await openBoard(browser, board.url);
  await signIn(page, key);
  await button(instance(page, 'Marketing WhatsApp'), 'Link a phone').click();
  await dialog(page).getByRole('alert').getByText('official').waitFor();
  await board.control('spend', { key, remaining: 0 });
  await button(dialog(page), 'New code').click();
  const alert = dialog(page).getByRole('alert');
  await alert.getByText(/calls are used up. Try again at .*, in \d+ s/).waitFor();
  expect(await button(dialog(page), 'New code').isDisabled()).toBe(true);
});

test('an instance is disconnected only after a question', async () => {
  const key = 'disconnect';
  const { page, problems } = await openBoard(browser, board.url);
  await signIn(page, key);
  await button(instance(page, 'Sales WhatsApp'), 'Disconnect').click();
  await dialog(page).getByRole('heading', { name: 'Disconnect Sales WhatsApp?' }).waitFor();
  // Enter does not disconnect: the focus is on the other button.
  await page.keyboard.press('Enter');
  await expect.poll(() => dialog(page).count()).toBe(0);
  expect(await statusOf(page, 'Sales WhatsApp', 'Connected').count()).toBe(1);

  await button(instance(page, 'Sales WhatsApp'), 'Disconnect').click();
  await button(dialog(page), 'Disconnect').click();
  await statusOf(page, 'Sales WhatsApp', 'Disconnected').waitFor();
  await expect.poll(() => dialog(page).count()).toBe(0);
  expect(problems).toEqual([]);
});

test('settings are edited, and shown as they were saved', async () => {
  const key = 'settings';
  const { page, problems } = await openBoard(browser, board.url);
  await signIn(page, key);
  const read = dialog(page).getByLabel('Mark incoming messages as read');
  const typing = dialog(page).getByLabel('Show “typing…”');
  await button(instance(page, 'Sales WhatsApp'), 'Settings').click();
  expect([await read.isChecked(), await typing.isChecked()]).toEqual([false, true]);
  await read.check();
  await button(dialog(page), 'Save').click();
  await expect.poll(() => dialog(page).count()).toBe(0);
  await expect
    .poll(async () => {
      await button(instance(page, 'Sales WhatsApp'), 'Settings').click();
      const shown = [await read.isChecked(), await typing.isChecked()];
      await button(dialog(page), 'Cancel').click();
      return shown;
    })
    .toEqual([true, true]);
  expect(problems).toEqual([]);
});

test('an instance is created, appears in the list, and can be linked at once', async () => {
  const key = 'create';
  const { page, problems } = await openBoard(browser, board.url);
  await signIn(page, key);
  await page.getByText('3 in this list').waitFor();
  await button(page, 'New instance').click();
  await dialog(page).getByLabel('Name').fill('Events WhatsApp');
  await page.keyboard.press('Enter');
  await dialog(page).getByRole('heading', { name: 'Events WhatsApp was created' }).waitFor();
  await statusOf(page, 'Events WhatsApp', 'Disconnected').waitFor();
  await button(dialog(page), 'Link a phone').click();
  await qrCode(page).waitFor();
  await statusOf(page, 'Events WhatsApp', 'Connecting').waitFor();
  expect(problems).toEqual([]);
});

test('a change whose outcome is not known says so, and the list shows what became of it', async () => {
  const key = 'unknown';
  const { page } = await openBoard(browser, board.url);
  await signIn(page, key);
  await board.control('fail', { key, mode: 'lost', on: 'writes', times: 1 });
  await button(instance(page, 'Sales WhatsApp'), 'Disconnect').click();
  await button(dialog(page), 'Disconnect').click();
  await dialog(page).getByRole('alert').getByText('It is not known whether').waitFor();
  await button(dialog(page), 'Cancel').click();
  await statusOf(page, 'Sales WhatsApp', 'Disconnected').waitFor();
});

test('a key that may only read gets FORBIDDEN for a change', async () => {
  const { page } = await openBoard(browser, board.url);
  await signIn(page, 'read-only');
  await button(instance(page, 'Sales WhatsApp'), 'Disconnect').click();
  await button(dialog(page), 'Disconnect').click();
  await dialog(page).getByRole('alert').getByText('You may not change instances.').waitFor();
  expect(await button(dialog(page), 'Disconnect').isDisabled()).toBe(true);
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

  test('the picture of the dialog', async () => {
    const { page } = await openBoard(browser, board.url, { viewport: { width: 620, height: 560 } });
    await signIn(page, 'dialog');
    await button(instance(page, 'Marketing WhatsApp'), 'Link a phone').click();
    await qrCode(page).waitFor();
    await page.screenshot({ path: 'docs/images/link.png' });
  });
}
