import type { ExecutionArgs, ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** How an operation is run; null: as Yoga does by itself. */
export type RunnerOf = (
  args: ExecutionArgs,
) => (() => ExecutionResult | Promise<ExecutionResult>) | null;

export const executionPlugin = (runnerOf: RunnerOf): Plugin => ({
  onExecute({ args, setExecuteFn }) {
    const runner = runnerOf(args);
    if (runner) setExecuteFn(runner);
  },
});
