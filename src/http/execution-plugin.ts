import type { ExecutionArgs, ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { ServerContext } from './exchange.ts';

/** How an operation is run; null: as Yoga does by itself. */
export type RunnerOf = (
  args: ExecutionArgs,
) => (() => ExecutionResult | Promise<ExecutionResult>) | null;

export const executionPlugin = <Context>(
  runnerOf: RunnerOf,
): Plugin<ServerContext<Context>, ServerContext<Context>> => ({
  onExecute({ args, setExecuteFn }) {
    const { exchange } = args.contextValue satisfies ServerContext<Context>;
    const { executed } = exchange;
    const runner = executed ? () => executed : runnerOf(args);
    if (runner) setExecuteFn(runner);
  },
});
