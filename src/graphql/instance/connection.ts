import { Failure } from '#src/domain/failure.ts';
import { builder } from '#src/graphql/builder.ts';
import type { WindowResult, WindowEdge } from '#src/reading/list/read-window.ts';
import { Instance } from './instance-type.ts';

export const InstanceEdge = builder.objectRef<WindowEdge>('InstanceEdge');

InstanceEdge.implement({
  description: 'An instance and its place in the list.',
  fields: (t) => ({
    cursor: t.string({
      description:
        'Its place, for `after` or `before`. Opaque, for this key and this `status` only; valid however long, whatever changes in the list.',
      resolve: (edge) => edge.cursor(),
    }),
    node: t.field({
      type: Instance,
      nullable: true,
      description:
        'The instance; null, with an error, when EnviaAI sent a row that cannot be read.',
      resolve: ({ row }) => {
        if (row.instance) return row.instance;
        throw new Failure('malformed', 'A row cannot be read');
      },
    }),
  }),
});

/**
 * A class for the sake of its getters. In an object of its own, each would have V8 make a layout for that one object:
 * it outlives it, with all that the getter holds, until the next look through old memory.
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

  // Read only if selected: a cursor costs more to make than the rest of the page.
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
      description: 'The instances of this page with their places, in the order of the list.',
      resolve: ({ edges }) => edges,
    }),
    nodes: t.field({
      type: [Instance],
      description:
        'The instances of this page, for when their places are of no interest. A row that cannot be read is left out.',
      resolve: ({ edges }) => edges.map(({ row }) => row.instance).filter((each) => each !== null),
    }),
    pageInfo: t.field({
      type: builder.pageInfoRef(),
      description: 'Whether and where the list goes on, in both directions.',
      resolve: (answer) => new PageInfo(answer),
    }),
    totalCount: t.exposeInt('totalCount', {
      description: 'How many instances the whole list has.',
    }),
  }),
});
