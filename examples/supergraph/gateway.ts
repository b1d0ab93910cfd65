import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { startStandaloneServer } from '@apollo/server/standalone';
import type { Served } from './listen.ts';

/** What every subgraph gets of its caller's headers: who asks, and by which id the request is found in the logs. */
const propagated = ['authorization', 'x-request-id'] as const;

interface Caller {
  readonly headers?: ReadonlyMap<string, string>;
}

/** A router over this supergraph; without a port, on a free one. */
export async function startGateway(supergraphSdl: string, port = 0): Promise<Served> {
  const gateway = new ApolloGateway({
    supergraphSdl,
    buildService: ({ url = '' }) =>
      new RemoteGraphQLDataSource<Caller>({
        url,
        // At the start there is no caller yet, and so there are no headers.
        willSendRequest({ request, context: { headers = [] } }) {
          for (const [name, value] of headers) request.http?.headers.set(name, value);
        },
      }),
  });
  const server = new ApolloServer<Caller>({
    gateway,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    // The usual page loads its scripts from elsewhere.
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
