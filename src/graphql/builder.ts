import SchemaBuilder from '@pothos/core';
import DirectivePlugin from '@pothos/plugin-directives';
import FederationPlugin from '@pothos/plugin-federation';
import RelayPlugin from '@pothos/plugin-relay';
import type { Context } from './context.ts';

export interface Scalars {
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: never; Output: string };
    URL: { Input: never; Output: string };
  };
  Context: Context;
  DefaultFieldNullability: false;
}

export const builder = new SchemaBuilder<Scalars>({
  plugins: [RelayPlugin, DirectivePlugin, FederationPlugin],
  defaultFieldNullability: false,
  relay: {
    // EnviaAI's ids are unique already, and the key by which other subgraphs know an instance.
    encodeGlobalID: (_typename, id) => String(id),
    decodeGlobalID: (id) => ({ typename: 'Instance', id }),
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    nodeTypeOptions: {
      // The one type there is; a second noun decides here by its id.
      resolveType: () => 'Instance',
      description: 'Anything of this graph that has an id and can be fetched again by it.',
    },
    pageInfoTypeOptions: {
      description: 'Where a page stands in its list, and the cursors to its neighbours.',
      shareable: true,
    },
    idFieldOptions: { description: 'Unique across the whole graph; give it to `node` or `nodes`.' },
    hasNextPageFieldOptions: {
      description: 'Whether rows follow this page: then give `endCursor` as `after`.',
    },
    hasPreviousPageFieldOptions: {
      description: 'Whether rows precede this page: then give `startCursor` as `before`.',
    },
    startCursorFieldOptions: { description: 'The place of its first row; null on an empty page.' },
    endCursorFieldOptions: { description: 'The place of its last row; null on an empty page.' },
  },
});

builder.queryType({ description: 'Everything that can be read. Each field fails on its own.' });
