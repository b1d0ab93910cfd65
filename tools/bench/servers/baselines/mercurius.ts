import fastify, { type FastifyInstance } from 'fastify';
import mercurius, { type IResolvers } from 'mercurius';
import { createEnviaai } from './enviaai.ts';
import { createContext, resolvers, typeDefs } from './graph.ts';

/** The usual graph on Fastify and Mercurius, which compiles a document at its second execution. */
export async function createMercuriusServer(upstream: string): Promise<FastifyInstance> {
  const enviaaiFor = createEnviaai(upstream);
  const server = fastify();
  await server.register(mercurius, {
    schema: typeDefs,
    // Mercurius types resolvers with its own context; Yoga uses the same resolvers with another.
    resolvers: resolvers as unknown as IResolvers,
    jit: 1,
    context: ({ headers }) => createContext(enviaaiFor(headers.authorization ?? '')),
  });
  return server;
}
