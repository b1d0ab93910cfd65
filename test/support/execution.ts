import { createHotDocuments, type RunnerOf } from '#src/graphql/execution/hot-documents.ts';

const execution = process.env['EXECUTION'];

/**
 * How servers run operations in this run of the tests: `EXECUTION=compiled` has them compiled before
 * they run for the first time, `EXECUTION=plain` never. Without it, it is as in production.
 */
export function executionOfRun(): { readonly runnerOf?: RunnerOf } {
  if (execution === 'compiled') return { runnerOf: createHotDocuments(0) };
  return execution === 'plain' ? { runnerOf: () => null } : {};
}
