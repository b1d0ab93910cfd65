import fastify, { type FastifyInstance } from 'fastify';
import mercurius, { type IResolvers } from 'mercurius';
import { createEnviaai } from './enviaai.ts';
import { createContext, resolvers, typeDefs } from './graph.ts';

/** The usual graph, run for speed: Fastify, and Mercurius with every document compiled at its second run. */
export async function createMercuriusServer(upstream: string): Promise<FastifyInstance> {
  const enviaaiFor = createEnviaai(upstream);
  const server = fastify();
  await server.register(mercurius, {
    schema: typeDefs,
    // Its types want every resolver for its own context; these are Yoga's too.
    resolvers: resolvers as unknown as IResolvers,
    jit: 1,
    context: ({ headers }) => createContext(enviaaiFor(headers.authorization ?? '')),
  });
  return server;
}
