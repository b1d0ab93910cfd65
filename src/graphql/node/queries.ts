import { builder } from '#src/graphql/builder.ts';
import { checkIds } from './ids.ts';
import { loadNode, readsNodes } from './nouns.ts';

const Node = builder.nodeInterfaceRef();

builder.queryFields((t) => ({
  node: t.field({
    type: Node,
    nullable: true,
    shareable: true,
    inaccessible: true,
    description: 'An object of any type by its id. Null if there is none with this id.',
    args: {
      id: t.arg.id({ required: true, description: 'The value of any `id` field.' }),
    },
    extensions: { upstreamCost: readsNodes(({ id }) => [id]) },
    resolve: (_, { id }, context, info) => loadNode(id, context, info),
  }),
  nodes: t.field({
    type: [Node],
    nullable: { list: false, items: true },
    shareable: true,
    inaccessible: true,
    description:
      'Objects of any type by their ids, in the order of `ids`. An item is null if there is none with its id.',
    args: {
      ids: t.arg.idList({
        required: true,
        description:
          'Values of any `id` fields; at most 1000, unless the server sets another limit.',
      }),
    },
    extensions: { upstreamCost: readsNodes(({ ids }) => (Array.isArray(ids) ? ids : [])) },
    resolve: (_, { ids }, context, info) => {
      checkIds(ids, context.maxIds);
      return ids.map((id) => loadNode(id, context, info));
    },
  }),
}));
