import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { onTestFinished } from 'vitest';

/** A request that the gateway sent to a subgraph. */
export interface Sent {
  readonly url: string;
  readonly query: string;
}

// What a test expects of it, it says itself.
// oxlint-disable-next-line typescript/no-explicit-any
type Data = any;

export interface Gateway {
  query(
    query: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<{
    data: Data;
    errors: readonly { message: string; path?: unknown; extensions?: object }[] | undefined;
  }>;
  readonly sent: readonly Sent[];
}

/** A gateway of Apollo's, in this process, that hands its callers' headers on to every subgraph. */
export async function startGateway(supergraphSdl: string): Promise<Gateway> {
  const sent: Sent[] = [];
  const gateway = new ApolloGateway({
    supergraphSdl,
    buildService: ({ url = '' }) =>
      new RemoteGraphQLDataSource<Record<string, string>>({
        url,
        willSendRequest({ request, context }) {
          sent.push({ url, query: request.query ?? '' });
          for (const [name, value] of Object.entries(context))
            request.http?.headers.set(name, value);
        },
      }),
  });
  const server = new ApolloServer<Record<string, string>>({ gateway });
  await server.start();
  onTestFinished(() => server.stop());

  return {
    sent,
    async query(query, headers) {
      const { body } = await server.executeOperation({ query }, { contextValue: { ...headers } });
      if (body.kind !== 'single') throw new Error('An incremental answer was not asked for');
      return { data: body.singleResult.data, errors: body.singleResult.errors };
    },
  };
}
