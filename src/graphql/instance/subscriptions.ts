import type { Instance as InstanceModel } from '#src/domain/instance.ts';
import type { InstanceChanges as Changes } from '#src/domain/instance-changes.ts';
import type { LiveSource } from '#src/domain/live-source.ts';
import { builder } from '#src/graphql/builder.ts';
import { limitExceeded } from '#src/graphql/errors.ts';
import { LiveStream } from '#src/graphql/live-stream.ts';
import { checkIds } from '#src/graphql/node/ids.ts';
import { readsByIds, UpstreamCost } from '#src/graphql/upstream-cost.ts';
import { canBeId } from '#src/reading/by-id/id-form.ts';
import { ListTooLong } from '#src/reading/live/rows/watched-rows.ts';
import { InstanceChanges } from './changes.ts';
import { Instance } from './instance-type.ts';
import { InstanceStatusFilter } from './status.ts';

/** A list of the default `LIVE_MAX_PAGES`. */
const longestList = { calls: 11, rows: 1000 };

builder.subscriptionFields((t) => ({
  instance: t.field({
    type: Instance,
    nullable: true,
    description:
      'One instance: at once, whenever a selected field has changed, and every 30 seconds at least. Null if the account has no instance with this id; the stream stays open.',
    args: {
      id: t.arg.id({ required: true, description: 'The id of the instance.' }),
    },
    extensions: { upstreamCost: readsByIds(({ id }) => [id]) },
    subscribe: (_, { id }, { watchInstances }) =>
      streamOf(watchInstances({ filter: 'all', ids: possibleIds([id]), isWhole: true })),
    resolve: ({ changed }: Changes): InstanceModel | null => changed[0] ?? null,
  }),
  instances: t.field({
    type: InstanceChanges,
    nullable: true,
    description:
      'The whole list of instances first, then what changes. An event every 30 seconds at least. All subscribers of a key cost the calls of one.',
    args: {
      status: t.arg({
        type: InstanceStatusFilter,
        description: 'Only instances with this status. All instances if left out.',
      }),
      ids: t.arg.idList({
        description:
          'Only these instances, if the account has them. All instances if left out; an account of more than `LIVE_MAX_PAGES` pages is refused then.',
      }),
    },
    extensions: {
      upstreamCost: new UpstreamCost(({ ids }) => {
        const { calls, rows } = longestList;
        return Array.isArray(ids)
          ? { reads: [{ kind: 'ids', ids }], objects: 1, rows: ids.length }
          : { reads: [{ kind: 'calls', calls }], objects: 1, rows };
      }),
    },
    subscribe: (_, { status, ids }, { watchInstances, maxIds }) => {
      if (ids) checkIds(ids, maxIds);
      return streamOf(
        watchInstances({
          filter: status ?? 'all',
          ids: ids ? possibleIds(ids) : null,
          isWhole: false,
        }),
      );
    },
    resolve: (changes: Changes) => changes,
  }),
}));

const possibleIds = (ids: readonly string[]): ReadonlySet<string> => new Set(ids.filter(canBeId));

/** The events of a source, whose failures are those of the graph. */
function streamOf(source: LiveSource<Changes>): LiveStream<Changes> {
  return new LiveStream({
    current: () => source.current(),
    async watch(emit, signal, write) {
      try {
        await source.watch(emit, signal, write);
      } catch (error) {
        throw error instanceof ListTooLong ? listTooLong(error) : error;
      }
    },
  });
}

const listTooLong = ({ maxPages }: ListTooLong) =>
  limitExceeded(
    'LIVE_MAX_PAGES',
    `A list of more than ${maxPages} pages cannot be watched as a whole. Pass \`ids\` or \`status\`.`,
  );
