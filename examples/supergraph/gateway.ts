import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { startStandaloneServer } from '@apollo/server/standalone';
import type { Served } from './listen.ts';

/**
 * The client's headers that every subgraph gets: the credentials, and the ids of the request and
 * of its trace.
 */
const propagated = ['authorization', 'x-request-id', 'traceparent'] as const;

interface Caller {
  readonly headers?: ReadonlyMap<string, string>;
}

/** Starts a gateway for this supergraph. Port 0: any free port. */
export async function startGateway(supergraphSdl: string, port = 0): Promise<Served> {
  const gateway = new ApolloGateway({
    supergraphSdl,
    buildService: ({ url = '' }) =>
      new RemoteGraphQLDataSource<Caller>({
        url,
        // Requests that the gateway sends at its start have no client and no headers.
        willSendRequest({ request, context: { headers = [] } }) {
          for (const [name, value] of headers) request.http?.headers.set(name, value);
        },
      }),
  });
  const server = new ApolloServer<Caller>({
    gateway,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    // The default landing page loads scripts from another origin.
    plugins: [ApolloServerPluginLandingPageDisabled()],
  });
  const { url } = await startStandaloneServer(server, {
    listen: { port, host: '127.0.0.1' },
    context: async ({ req }) => ({
      headers: new Map(
        propagated.flatMap((name) => {
          const value = req.headers[name];
          return typeof value === 'string' ? [[name, value] as const] : [];
        }),
      ),
    }),
  });
  return { url: new URL('/graphql', url).href, close: () => server.stop() };
}
