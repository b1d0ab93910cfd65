import { createServer, type Server } from 'node:http';
import { createSchema, createYoga } from 'graphql-yoga';
import { createEnviaai } from './enviaai.ts';
import { type Context, createContext, resolvers, typeDefs } from './graph.ts';

/**
 * The same graph over the same REST API, written in the usual way: GraphQL Yoga, one DataLoader for
 * each request, one GET for each id, one upstream page for each requested page, offsets as cursors.
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
