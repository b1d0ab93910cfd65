import { Failure } from '#src/domain/failure.ts';
import { builder } from '#src/graphql/builder.ts';
import type { WindowResult, WindowEdge } from '#src/reading/list/read-window.ts';
import { Instance } from './instance-type.ts';

export const InstanceEdge = builder.objectRef<WindowEdge>('InstanceEdge');

InstanceEdge.implement({
  description: 'A row of the list: an instance and its cursor.',
  fields: (t) => ({
    cursor: t.string({
      description:
        'The position of the row, for `after` or `before`. An opaque text that does not expire; it is valid with the same API key and the same `status` only.',
      resolve: (edge) => edge.cursor(),
    }),
    node: t.field({
      type: Instance,
      nullable: true,
      description:
        'The instance. Null, with an error at this path, if EnviaAI sent a row that cannot be read.',
      resolve: ({ row }) => {
        if (row.instance) return row.instance;
        throw new Failure('malformed', 'A row cannot be read');
      },
    }),
  }),
});

/**
 * A class, because of its getters: V8 gives each object literal with a getter a hidden class in old
 * memory, which retains what the getter captures until the next major garbage collection.
 */
class PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  private readonly edges: readonly WindowEdge[];

  constructor({ hasNextPage, hasPreviousPage, edges }: WindowResult) {
    this.hasNextPage = hasNextPage;
    this.hasPreviousPage = hasPreviousPage;
    this.edges = edges;
  }

  // Computed only if selected: a cursor costs more than the rest of the page.
  get startCursor(): string | null {
    return this.edges.at(0)?.cursor() ?? null;
  }

  get endCursor(): string | null {
    return this.edges.at(-1)?.cursor() ?? null;
  }
}

export const InstanceConnection = builder.objectRef<WindowResult>('InstanceConnection');

InstanceConnection.implement({
  description: 'A page of the list of instances.',
  fields: (t) => ({
    edges: t.field({
      type: [InstanceEdge],
      description: 'The rows of this page with their cursors, in the order of the list.',
      extensions: { perRow: true },
      resolve: ({ edges }) => edges,
    }),
    nodes: t.field({
      type: [Instance],
      description:
        'The instances of this page without cursors, in the order of the list. A row that cannot be read is left out.',
      extensions: { perRow: true },
      resolve: ({ edges }) => edges.map(({ row }) => row.instance).filter((each) => each !== null),
    }),
    pageInfo: t.field({
      type: builder.pageInfoRef(),
      description: 'Whether there are more pages in each direction, and the cursors to them.',
      resolve: (result) => new PageInfo(result),
    }),
    totalCount: t.exposeInt('totalCount', {
      description: 'The number of instances in the whole list, with the given `status`.',
    }),
  }),
});
