import { randomInt } from 'node:crypto';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The same generated cases every time, so that a change is judged and not chance. */
const fixedSeed = 20_260_101;

/** The projects run in alphabetical order: the longest files, those of `property`, start early. */
const projects = ['e2e', 'property', 'server', 'unit'];

/** Files with modules of their own. */
const isolated = [
  // How deep the parser recurses before the stack ends depends on what V8 compiled before.
  'test/server/hostile/documents.test.ts',
  // It adds a type to the graph.
  'test/unit/graphql/second-noun.test.ts',
];

/**
 * The projects are the folders of `test/`. `--mode deep` multiplies the random runs of `property` by
 * 20 and takes a random seed, which it prints; `--mode deep-123` takes the seed 123.
 */
export default defineConfig(({ mode }) => ({
  resolve: {
    // Two copies of graphql (ESM and CommonJS) fail each other's instanceof: everything takes one.
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
  },
  test: {
    maxWorkers: '100%',
    // Servers on free ports and a browser: long timeouts, for slow machines.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    provide: { random: randomOf(mode) },
    setupFiles: ['test/support/random/set-seed.ts'],
    // The programs that tests start take compiled code from here, and start in two thirds of the time.
    env: {
      NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/compile', import.meta.url)),
    },
    projects: [
      ...projects.map((name) => ({
        extends: true as const,
        test: {
          name,
          include: [`test/${name}/**/*.test.ts`],
          exclude: isolated,
          // The files of a worker share its modules: a process for each file doubles the time.
          isolate: name === 'e2e',
        },
      })),
      { extends: true, test: { name: 'isolated', include: isolated } },
    ],
  },
}));

function randomOf(mode: string): { readonly seed: number; readonly factor: number } {
  const deep = /^deep(?:-(\d+))?$/.exec(mode);
  if (deep === null) return { seed: fixedSeed, factor: 1 };
  const seed = Number(deep[1] ?? randomInt(2 ** 31));
  process.stdout.write(
    `Seed: ${seed}. To repeat: npx vitest run --project property --mode deep-${seed}\n`,
  );
  return { seed, factor: 20 };
}
