import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { launchBrowser } from '#test/support/browser/browser.ts';
import {
  type Project,
  type Tarball,
  emptyFolder,
  install,
  packedBy,
  run,
} from '#test/support/package/packing.ts';
import { killGroup, startProcess, urlOf } from '#test/support/process/start-process.ts';

const packing = await emptyFolder();
afterAll(packing.remove);
let tarball: Tarball;
let browser: Browser;

/** Packing and installing takes long on a busy machine. */
const slowMs = 180_000;

beforeAll(async () => {
  tarball = await packedBy('pack:server', packing);
  browser = await launchBrowser();
}, slowMs);
afterAll(() => browser.close());

const projects: readonly (readonly [string, Project, string | null])[] = [
  ['an empty project', {}, null],
  ['a project with urql and graphql 17', { has: ['urql', 'react'], graphql: 'graphql-17' }, '17.'],
  ['a project with Apollo Client', { has: ['@apollo/client'] }, '16.'],
];

describe.each(projects)('in %s', async (_, project, graphql) => {
  const folder = await emptyFolder();
  afterAll(folder.remove);
  beforeAll(() => install(tarball, folder.path, project), slowMs);

  const { PATH = '', HOME = '' } = process.env;
  const startServer = async () => {
    const started = startProcess(
      { PATH, HOME, npm_config_update_notifier: 'false' },
      { command: ['npx', 'enviaai-graphql', '--port', '0'], folder: folder.path },
    );
    return { started, url: await urlOf(started) };
  };

  test('the server is beside the packages of the project', async () => {
    const path = join(folder.path, 'node_modules/graphql/package.json');
    const version = await readFile(path, 'utf8').then(
      (text) => JSON.parse(text).version,
      () => null,
    );
    expect(version).toEqual(graphql && expect.stringMatching(`^${graphql}`));
    const { output } = await run('npm', ['ls', '--json'], folder.path);
    expect(JSON.parse(output).dependencies['enviaai-graphql']).not.toHaveProperty('dependencies');
  });

  test('npx starts the server, which answers, serves GraphiQL, and ends with npx', async () => {
    const { started, url } = await startServer();
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        query: '{ instances { totalCount } node(id: "inst_abc123") { id } _service { sdl } }',
      }),
    });
    expect(await response.json()).toMatchObject({
      data: {
        instances: { totalCount: 3 },
        node: { id: 'inst_abc123' },
        _service: { sdl: expect.stringContaining('@key(fields: "id")') },
      },
    });

    const page = await browser.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('requestfailed', (request) => problems.push(request.url()));
    await page.goto(url);
    await page.locator('button.graphiql-execute-button').click();
    await page.locator('.graphiql-response').getByText('Sales WhatsApp').waitFor();
    expect(problems).toEqual([]);
    await page.close();

    started.child.kill('SIGTERM');
    await started.line('finishing requests');
    await started.exitCode;
    await vi.waitUntil(() => !killGroup(started.child, 0), { timeout: 20_000 });
    await expect(fetch(url)).rejects.toThrow();
  });

  test('the traces and the tokens, whose code is loaded on demand, start too', async () => {
    const { line } = startProcess(
      {
        PATH,
        HOME,
        OTEL_TRACES_EXPORTER: 'otlp',
        AUTH: 'jwt',
        ENVIAAI_API_KEY: 'test',
        AUTH_JWKS_URL: 'https://127.0.0.1:1/keys',
        AUTH_ISSUER: 'https://issuer.example',
        AUTH_AUDIENCE: 'graph',
      },
      { command: ['npx', 'enviaai-graphql'], folder: folder.path },
    );
    expect(await line('Serving ')).toContain('issuer.example');
  });

  test('the cost is computed by the command, by import and by require', async () => {
    await writeFile(join(folder.path, 'lines.graphql'), 'query Lines { instances { totalCount } }');
    expect(
      await run('npx', ['enviaai-graphql', 'cost', 'lines.graphql'], folder.path),
    ).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^Lines: at most 1 of 50 a minute\n/),
      errors: '',
    });
    const print = "console.log(costOf(['{ instances { totalCount } }']).operations[0].calls)";
    const programs = {
      'cost.mjs': `import { costOf } from 'enviaai-graphql/cost'; ${print}`,
      'cost.cjs': `const { costOf } = require('enviaai-graphql/cost'); ${print}`,
    };
    for (const [name, text] of Object.entries(programs)) {
      await writeFile(join(folder.path, name), text);
      expect(await run(process.execPath, [name], folder.path)).toEqual({
        code: 0,
        output: '1\n',
        errors: '',
      });
    }
  });
});
