import { createSubgraphSchema } from '#src/graphql/schema.ts';

/** One graph for every server of a test process. */
export const subgraphSchema = createSubgraphSchema();
