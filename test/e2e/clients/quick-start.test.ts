import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { launchBrowser } from '#test/support/browser/browser.ts';
import { openBoard } from '#test/support/browser/open-board.ts';
import { templatePackages, writeProject } from '#test/support/clients/vite-project.ts';
import { createTestClock } from '#test/support/clock.ts';
import { type Block, blocks, fileOf } from '#test/support/docs/blocks.ts';
import { commandsOf } from '#test/support/docs/commands.ts';
import { tsc } from '#test/support/package/packing.ts';
import { run } from '#test/support/schema/run.ts';
import { start, type Started } from '#test/support/start.ts';

const page = 'docs/clients.md';
const lines = readFileSync(page, 'utf8').split('\n');

/** The heading that a block of the page is under. */
function headingOf({ place }: Block): string {
  const line = Number(place.split(':')[1]);
  return lines.slice(0, line).findLast((text) => /^##+ /.test(text)) ?? '';
}

const quickStart = blocks.filter((block) => block.page === page && fileOf(block.code));
const commands = blocks
  .filter((block) => headingOf(block) === '## Quick start with React')
  .flatMap(({ language, code }) => (language === 'sh' ? commandsOf(code) : []))
  .map(({ text }) => text);

/** The files of the project: those of all clients, and those of one. */
const filesFor = (heading: string): ReadonlyMap<string, string> =>
  new Map(
    quickStart
      .filter((block) => ['## Quick start with React', heading].includes(headingOf(block)))
      .map(({ code }) => [fileOf(code) ?? '', code]),
  );

/** The packages that the page says to install, for a client. */
const installedFor = (client: string): readonly string[] =>
  commands
    .filter((text) => text.startsWith('npm install '))
    .filter((text) => text.includes('--save-dev') || text.includes(` ${client} `))
    .flatMap((text) => text.split(' ').slice(2))
    .filter((word) => !word.startsWith('-'));

const importedBy = (text: string): readonly string[] =>
  [...text.matchAll(/from '((?:@[\w-]+\/)?[\w-]+)[^']*'/g)].map(([, name = '']) => name);

const clients = [
  ['urql', '### urql'],
  ['@apollo/client', '### Apollo Client'],
] as const;

// Inside the repository, so that its packages are found.
let folder: string;
let browser: Browser;
beforeAll(async () => {
  await mkdir('.cache', { recursive: true });
  folder = resolve(await mkdtemp('.cache/quick-start-'));
  browser = await launchBrowser();
});
afterAll(() => Promise.all([browser.close(), rm(folder, { recursive: true })]));

/** Serves the built project. The server of this graph allows pages of localhost. */
async function serve(root: string): Promise<string> {
  const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript' };
  const server = createServer((request, response) => {
    const path = request.url === '/' ? '/index.html' : (request.url ?? '');
    const file = join(root, path);
    // The browser asks for an icon.
    if (!existsSync(file)) {
      response.writeHead(204).end();
      return;
    }
    response.writeHead(200, { 'content-type': types[extname(file)] ?? 'text/plain' });
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://localhost:${(server.address() as AddressInfo).port}/`;
}

const localhost = ({ url }: Started) => url.replace('127.0.0.1', 'localhost');

/** Does what the page says, and returns the folder of the built project. */
async function build(client: string, heading: string, server: Started): Promise<string> {
  const project = join(folder, client.replace(/\W/g, ''));
  const files = [...filesFor(heading)].map(([name, text]) => [
    name,
    text.replaceAll('http://localhost:4000/graphql', localhost(server)),
  ]) as [string, string][];
  await writeProject(project, new Map(files));
  const generated = await run('@graphql-codegen/cli/esm/bin.js', [], project);
  expect(generated, generated.output).toMatchObject({ code: 0 });
  expect(await tsc(['-b'], project)).toMatchObject({ code: 0, output: '' });
  const built = await run('vite/bin/vite.js', ['build'], project);
  expect(built, built.output).toMatchObject({ code: 0 });
  return join(project, 'dist');
}

test('the page has the files of a project for each client, and the commands before them', () => {
  for (const [, heading] of clients) {
    expect([...filesFor(heading).keys()].toSorted()).toEqual([
      'codegen.ts',
      'src/InstanceList.tsx',
      'src/StatusFilter.tsx',
      'src/instances.graphql',
      'src/main.tsx',
      'src/use-retry-after.ts',
    ]);
  }
  expect(commands).toContain('npx graphql-codegen');
});

describe.each(clients)('with %s', (client, heading) => {
  test('every package that the files import is one that the page installs, and is tested here', () => {
    const installed = installedFor(client);
    expect(installed).toContain(client);
    expect(installed).toContain('@graphql-typed-document-node/core');
    const known = new Set([...installed, ...templatePackages]);
    const imported = [...filesFor(heading).values()].flatMap(importedBy);
    expect(imported.filter((name) => !known.has(name))).toEqual([]);
    const ours = ['package.json', 'test/e2e/packages/package.json'].flatMap((manifest) => {
      const { dependencies, devDependencies } = JSON.parse(readFileSync(manifest, 'utf8'));
      return Object.keys({ ...dependencies, ...devDependencies });
    });
    expect(installed.filter((name) => !ours.includes(name))).toEqual([]);
  });

  test('the project compiles and builds, and shows pages, a status, and when to try again', async () => {
    const clock = createTestClock();
    const server = await start({
      instances: 50,
      clock,
      ratePerMinute: 50,
      env: { AUTH: 'none', ENVIAAI_API_KEY: 'test' },
    });
    const url = await serve(await build(client, heading, server));
    const { page, problems } = await openBoard(browser, 'about:blank');
    await page.clock.install();
    await page.goto(url);
    const rows = page.getByRole('listitem');
    const more = page.getByRole('button', { name: 'More' });

    await expect.poll(() => rows.count()).toBe(20);
    await more.click();
    await expect.poll(() => rows.count()).toBe(40);
    await more.click();
    await expect.poll(() => rows.count()).toBe(50);
    expect(await more.count()).toBe(0);
    expect(new Set(await rows.allInnerTexts()).size).toBe(50);

    await page.getByRole('button', { name: 'CONNECTED', exact: true }).click();
    const isAll = async (status: string) =>
      (await rows.allInnerTexts()).every((text) => text.endsWith(`: ${status}`));
    await expect.poll(() => isAll('CONNECTED')).toBe(true);
    expect(server.calls()).toEqual(['GET /instances?status=all&limit=100&offset=0']);

    server.sandbox.control.spend({ key: 'test', remaining: 0 });
    await page.getByRole('button', { name: 'CONNECTING' }).click();
    await page.getByText(/ Try again after \d+ seconds\.$/).waitFor();
    const calls = server.calls().length;
    await page.clock.fastForward(30_000);
    await page.getByText(/ Try again after \d+ seconds\.$/).waitFor();
    expect(server.calls()).toHaveLength(calls);
    clock.advance(61_000);
    await page.clock.fastForward(31_000);
    await expect.poll(() => rows.count()).toBeGreaterThan(0);
    expect(await isAll('CONNECTING')).toBe(true);
    expect(problems).toEqual([]);
  });
});
