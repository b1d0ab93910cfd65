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
    // The vendor's ids are unique already, and the key by which other subgraphs know an instance.
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
  },
});

builder.queryType({ description: 'Everything that can be read. Each field fails on its own.' });
