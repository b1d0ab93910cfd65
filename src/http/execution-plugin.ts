import type { Plugin } from 'graphql-yoga';
import type { RunnerOf } from '#src/graphql/execution/hot-documents.ts';
import { resultOf } from '#src/graphql/execution/plain.ts';
import type { ServerContext } from './exchange.ts';

/** Has an operation run by its plan, where it has one, or not again where it was run ahead of Yoga. */
export const executionPlugin = <Context>(
  runnerOf: RunnerOf,
): Plugin<ServerContext<Context>, ServerContext<Context>> => ({
  onExecute({ args, setExecuteFn }) {
    const { exchange } = args.contextValue satisfies ServerContext<Context>;
    const { executed } = exchange;
    if (executed) return setExecuteFn(() => executed);
    const runner = runnerOf(args);
    if (runner) setExecuteFn(async () => resultOf(await runner()));
  },
});
