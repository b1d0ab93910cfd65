import SchemaBuilder from '@pothos/core';
import DirectivePlugin from '@pothos/plugin-directives';
import FederationPlugin from '@pothos/plugin-federation';
import RelayPlugin from '@pothos/plugin-relay';
import type { Context } from './context.ts';
import { typenameOf } from './node/nouns.ts';

export interface BuilderTypes {
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: never; Output: string };
    URL: { Input: never; Output: string };
  };
  Context: Context;
  DefaultFieldNullability: false;
}

export const builder = new SchemaBuilder<BuilderTypes>({
  plugins: [RelayPlugin, DirectivePlugin, FederationPlugin],
  defaultFieldNullability: false,
  relay: {
    // EnviaAI's ids are unique, and other subgraphs know an instance by its id.
    encodeGlobalID: (_typename, id) => String(id),
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    nodeTypeOptions: {
      resolveType: (value, _, info) => typenameOf(value, info),
      description: 'An object with an id, which `node` and `nodes` find again.',
    },
    pageInfoTypeOptions: {
      description: 'The position of a page in its list.',
      shareable: true,
    },
    idFieldOptions: {
      description: 'The id of the object. It is unique in the whole graph.',
    },
    hasNextPageFieldOptions: {
      description: 'Whether rows follow this page. To read them, pass `endCursor` as `after`.',
    },
    hasPreviousPageFieldOptions: {
      description:
        'Whether rows come before this page. To read them, pass `startCursor` as `before`.',
    },
    startCursorFieldOptions: {
      description: 'The cursor of the first row of the page. Null if the page is empty.',
    },
    endCursorFieldOptions: {
      description: 'The cursor of the last row of the page. Null if the page is empty.',
    },
  },
});

builder.mutationType({
  description:
    'The root of all mutations. They are executed one after the other. Each sends its change to EnviaAI once, and never again: after the code OUTCOME_UNKNOWN, read the instance before you try again.',
});

builder.subscriptionType({
  description:
    'The root of all subscriptions, which are sent by POST and answered as server-sent events, or in parts. Each begins with the current state, so after a lost connection, subscribe again.',
});

builder.queryType({
  description: 'The root of all queries. An error in one field does not affect the others.',
});
