import { builder } from '#src/graphql/builder.ts';
import { readsByIds, readsWindow } from '#src/graphql/upstream-cost.ts';
import { windowOf } from './arguments.ts';
import { InstanceConnection } from './connection.ts';
import { Instance } from './instance-type.ts';
import { InstanceStatusFilter } from './status.ts';

builder.queryFields((t) => ({
  instance: t.field({
    type: Instance,
    nullable: true,
    description: 'One instance by its id. Null if the account has no instance with this id.',
    args: {
      id: t.arg.id({
        required: true,
        description: 'The id that EnviaAI gave the instance, such as `inst_abc123`.',
      }),
    },
    extensions: { upstreamCost: readsByIds(({ id }) => [id]) },
    resolve: (_, { id }, { instanceById }) => instanceById.load(id),
  }),
  instances: t.field({
    type: InstanceConnection,
    nullable: true,
    description:
      "A page of the account's instances, in EnviaAI's order. Reading page after page skips and repeats no instance, even if some are added or deleted meanwhile.",
    args: {
      status: t.arg({
        type: InstanceStatusFilter,
        description: 'Only instances with this status. All instances if left out.',
      }),
      first: t.arg.int({
        description:
          'The number of rows, from the start of the list or after `after`: 1 to 100. The default is 50.',
      }),
      after: t.arg.string({
        description:
          'Returns the rows after this cursor: `pageInfo.endCursor` or the `cursor` of an edge.',
      }),
      last: t.arg.int({
        description:
          'The number of rows, at the end of the list or before `before`: 1 to 100. The default with `before` is 50. The rows are in the order of the list.',
      }),
      before: t.arg.string({
        description:
          'Returns the rows before this cursor: `pageInfo.startCursor` or the `cursor` of an edge.',
      }),
    },
    extensions: { upstreamCost: readsWindow(windowOf) },
    resolve: (_, args, { instanceWindow }) => instanceWindow.load(windowOf(args)),
  }),
}));
