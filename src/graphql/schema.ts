import type { GraphQLSchema } from 'graphql';
import { builder } from './builder.ts';
import { checkUpstreamCosts } from './upstream-cost.ts';
import { withFederationFields } from './node/entities.ts';
import { checkNouns } from './node/nouns.ts';
import { requireCaller } from './require-caller.ts';
import './instance/connect-instance.ts';
import './instance/create-instance.ts';
import './instance/details.ts';
import './instance/disconnect-instance.ts';
import './instance/queries.ts';
import './instance/subscriptions.ts';
import './instance/update-instance.ts';
import './linking/subscriptions.ts';
import './node/queries.ts';
import './rate-limit/queries.ts';
import './scalars/scalars.ts';

/** The graph for client tools: `schema/schema.graphql`. */
export const createClientSchema = (): GraphQLSchema => builder.toSchema({ sortSchema: false });

/**
 * The graph as it is served, with the fields of a federation router: `schema/subgraph.graphql`.
 * Throws for a root field without an upstream cost, and for a type with ids but without a noun.
 */
export function createSubgraphSchema(): GraphQLSchema {
  const linkUrl = 'https://specs.apollo.dev/federation/v2.6';
  const subgraph = builder.toSubGraphSchema({ linkUrl });
  checkNouns(subgraph);
  const schema = withFederationFields(subgraph);
  checkUpstreamCosts(schema);
  return requireCaller(schema);
}
