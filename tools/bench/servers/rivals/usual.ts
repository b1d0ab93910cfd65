import { createServer, type Server } from 'node:http';
import { createSchema, createYoga } from 'graphql-yoga';
import { createEnviaai } from './enviaai.ts';
import { type Context, createContext, resolvers, typeDefs } from './graph.ts';

/**
 * The same graph over the same REST API, written the way such servers usually are: GraphQL Yoga, one
 * loader a request, one GET for each id, one page fetched for each page asked for, offsets as cursors.
 */
export function createUsualServer(upstream: string): Server {
  const enviaaiFor = createEnviaai(upstream);
  const yoga = createYoga<object, Context>({
    schema: createSchema<Context>({ typeDefs, resolvers }),
    graphiql: false,
    logging: false,
    context: ({ request }) => createContext(enviaaiFor(request.headers.get('authorization') ?? '')),
  });
  return createServer((request, response) => void yoga(request, response));
}
