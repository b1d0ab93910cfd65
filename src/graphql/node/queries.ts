import type { Instance } from '#src/domain/instance.ts';
import { builder } from '#src/graphql/builder.ts';
import { checkIds } from './ids.ts';

const Node = builder.nodeInterfaceRef();

builder.queryFields((t) => ({
  node: t.field({
    type: Node,
    nullable: true,
    shareable: true,
    inaccessible: true,
    description: 'Anything of this graph by its id; null when there is none.',
    args: {
      id: t.arg.id({ required: true, description: 'The id, as any `id` field gave it.' }),
    },
    resolve: (_, { id }, { instanceById }) => instanceById.load(id),
  }),
  nodes: t.field({
    type: [Node],
    nullable: { list: false, items: true },
    shareable: true,
    inaccessible: true,
    description:
      'Many by their ids, in the order asked; null in the place of one that there is none of. At most 1000 unless the server is set otherwise.',
    args: {
      ids: t.arg.idList({ required: true, description: 'The ids, as any `id` field gave them.' }),
    },
    resolve: (_, { ids }, { instanceById, maxIds }) => {
      checkIds(ids, maxIds);
      return ids.map((id): Promise<Instance | null> => instanceById.load(id));
    },
  }),
}));
