import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { run, tsc } from '#test/support/package/packing.ts';
import { start } from '#test/support/start.ts';
import { blocksFor } from '#test/support/docs/blocks.ts';

// Inside the repository, so that Node resolves its packages, and the repository by its own name.
let folder: string;
beforeAll(async () => {
  await mkdir('.cache', { recursive: true });
  folder = resolve(await mkdtemp('.cache/docs-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Declarations that the pages use and do not show. */
const around = `export {};
const session = { token: () => Promise.resolve('test') };
void session;
`;

/** The types of Hive Gateway, which is not installed, as its declarations have them. */
const gateway = `declare module '@graphql-hive/gateway' {
  interface Asked { readonly request: Request; readonly subgraphName: string }
  export function defineConfig(config: {
    unifiedGraphHandler?: import('@graphql-hive/router-runtime').UnifiedGraphHandler;
    propagateHeaders: {
      fromClientToSubgraphs: (asked: Asked) => Record<string, string | null>;
    };
    transportEntries?: Record<string, { options?: { method?: 'GET' | 'POST' } }>;
    maskedErrors?: { maskError?: import('graphql-yoga').MaskError };
  }): unknown;
}
declare module '@graphql-hive/router-runtime' {
  export interface UnifiedGraphHandler { (options: object): object }
  export const unifiedGraphHandler: UnifiedGraphHandler;
}
`;

const shown = blocksFor('code').map(({ code, ...block }, at) => ({
  ...block,
  file: `shown${at}.ts`,
  code: around + code.replace("'./schema/", "'../../schema/"),
}));

test('the TypeScript of the pages compiles', async () => {
  const settings = { extends: '../../tsconfig.json', compilerOptions: { lib: ['esnext', 'dom'] } };
  await writeFile(join(folder, 'gateway.d.ts'), gateway);
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      ...settings,
      compilerOptions: { ...settings.compilerOptions, noUnusedLocals: false },
      include: ['*.ts'],
    }),
  );
  await Promise.all(shown.map(({ file, code }) => writeFile(join(folder, file), code)));
  expect(await tsc(['--project', '.'], folder)).toMatchObject({ output: '' });
});

test.each(shown.filter(({ code }) => /http\S+\/graphql/.test(code)))(
  'the program at $place runs with a server',
  async ({ file, code }) => {
    const env = { ENVIAAI_API_KEY: 'test', AUTH: 'none', MUTATIONS: 'on' };
    const server = await start({ env });
    // Nobody scans the codes that a program shows.
    server.sandbox.control.qr({ key: 'test', firstMs: 1000, codes: 1 });
    const here = code.replace(/https?:\/\/[^']+\/graphql'/, `${server.url}'`);
    await writeFile(join(folder, file), here);
    const { code: exit, errors } = await run(process.execPath, [file], folder);
    expect({ exit, errors }).toEqual({ exit: 0, errors: '' });
    expect(server.calls()).not.toEqual([]);
  },
);

test.each(blocksFor('settings'))(
  'the settings at $place are valid YAML and forward the headers',
  ({ code }) => {
    const { headers } = parse(code);
    const names = JSON.stringify(headers.subgraphs.instances).toLowerCase();
    expect(names).toContain('authorization');
    expect(names).toContain('x-request-id');
    expect(names).toContain('traceparent');
  },
);
