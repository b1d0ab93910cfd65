import { createServer, type Server } from 'node:http';
import DataLoader from 'dataloader';
import { createYoga } from 'graphql-yoga';
import { createEnviaai, type RestInstance } from './enviaai.ts';
import { createUsualSchema, type UsualContext } from './schema.ts';

/**
 * The same graph over the same REST API, written the way such servers usually are: one loader a
 * request, one GET for each id, one page fetched for each page asked for, offsets as cursors.
 */
export function createUsualServer(upstream: string): Server {
  const yoga = createYoga<object, UsualContext>({
    schema: createUsualSchema(),
    graphiql: false,
    logging: false,
    context: ({ request }) => {
      const enviaai = createEnviaai(upstream, request.headers.get('authorization') ?? '');
      const instanceById = new DataLoader<string, RestInstance | null>((ids) =>
        Promise.all(ids.map((id) => enviaai.get(id).catch(asError))),
      );
      return { enviaai, instanceById };
    },
  });
  return createServer((request, response) => void yoga(request, response));
}

/** One id that fails leaves the others their answers. */
const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error('The call failed');
