import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  // `npx vite examples/board` while `npm start` runs: the page reloads on every change.
  server: { proxy: { '/graphql': 'http://localhost:4000' } },
});
