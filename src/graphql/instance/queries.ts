import { builder } from '#src/graphql/builder.ts';
import { windowOf } from './arguments.ts';
import { InstanceConnection } from './connection.ts';
import { Instance } from './instance-type.ts';
import { InstanceStatus } from './status.ts';

builder.queryFields((t) => ({
  instance: t.field({
    type: Instance,
    nullable: true,
    description: 'One instance; null when the account has none of this id.',
    args: {
      id: t.arg.id({
        required: true,
        description: "EnviaAI's id, such as `inst_abc123`.",
      }),
    },
    resolve: (_, { id }, { instanceById }) => instanceById.load(id),
  }),
  instances: t.field({
    type: InstanceConnection,
    nullable: true,
    description:
      "The account's instances, a page at a time, in EnviaAI's own order. Paging neither skips nor repeats a row, whatever comes or goes meanwhile.",
    args: {
      status: t.arg({
        type: InstanceStatus,
        description:
          'Only those with this status: CONNECTED, DISCONNECTED or CONNECTING. Left out: all.',
      }),
      first: t.arg.int({
        description: 'How many, from the start or after `after`: 1 to 100; 50 when left out.',
      }),
      after: t.arg.string({
        description: 'The cursor to go on after, from `pageInfo.endCursor` or an edge.',
      }),
      last: t.arg.int({
        description: 'How many, up to the end or up to `before`, in list order: 1 to 100.',
      }),
      before: t.arg.string({
        description: 'The cursor to go back from, from `pageInfo.startCursor` or an edge.',
      }),
    },
    resolve: (_, args, { instanceWindow }) => instanceWindow.load(windowOf(args)),
  }),
}));
