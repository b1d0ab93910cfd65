import type { GraphQLSchema } from 'graphql';
import { builder } from './builder.ts';
import { withEntitiesBySlot } from './node/entities.ts';
import './instance/queries.ts';
import './node/queries.ts';
import './rate-limit/queries.ts';
import './scalars/scalars.ts';

/** The graph as client tools read it: `schema/schema.graphql`. */
export const createClientSchema = (): GraphQLSchema => builder.toSchema({ sortSchema: false });

/** The graph as it is served, with what a federation router needs: `schema/subgraph.graphql`. */
export const createSubgraphSchema = (): GraphQLSchema =>
  withEntitiesBySlot(
    builder.toSubGraphSchema({ linkUrl: 'https://specs.apollo.dev/federation/v2.6' }),
  );
