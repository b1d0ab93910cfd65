import type { InstanceChanges as Changes } from '#src/domain/instance-changes.ts';
import { builder } from '#src/graphql/builder.ts';
import { Instance } from './instance-type.ts';

export const InstanceChanges = builder.objectRef<Changes>('InstanceChanges').implement({
  description: 'What has changed in a list of instances since the last event.',
  fields: (t) => ({
    complete: t.exposeBoolean('complete', {
      description:
        'True: `changed` is the whole list, and replaces what the client has. True in the first event, and after a client has missed events.',
    }),
    changed: t.field({
      type: [Instance],
      description:
        'New instances, and those of which a selected field has changed. In the order of the list if `complete`. A row that cannot be read is left out.',
      extensions: { perRow: true },
      resolve: ({ changed }) => changed,
    }),
    gone: t.field({
      type: ['ID'],
      description:
        'The ids of instances that were deleted, or do not have the given `status` any more.',
      resolve: ({ gone }) => gone,
    }),
    totalCount: t.exposeInt('totalCount', {
      description: 'The number of instances in the list. With `ids`, of those that were found.',
    }),
    asOf: t.expose('asOf', {
      type: 'DateTime',
      description: 'When the oldest of the rows was requested from EnviaAI.',
    }),
    stale: t.exposeBoolean('stale', {
      description:
        'True while EnviaAI cannot be asked: the budget of the key is spent, or EnviaAI does not answer.',
    }),
  }),
});
