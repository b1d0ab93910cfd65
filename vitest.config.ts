import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    // Two copies of graphql (ESM and CommonJS) fail each other's instanceof: everything takes one.
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
  },
  test: {
    include: ['test/**/*.test.ts'],
    // Servers on free ports and a browser: generous, as nothing here measures time.
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
