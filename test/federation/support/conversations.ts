import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { onTestFinished } from 'vitest';

/** Another team's subgraph: Relay throughout, and its conversations refer to our instances. */
export const conversationsSdl = /* GraphQL */ `
  extend schema
    @link(
      url: "https://specs.apollo.dev/federation/v2.6"
      import: ["@inaccessible", "@key", "@shareable"]
    )

  type Query {
    conversations: ConversationConnection
    node(id: ID!): Node @inaccessible @shareable
    nodes(ids: [ID!]!): [Node]! @inaccessible @shareable
  }

  interface Node {
    id: ID!
  }

  type PageInfo @shareable {
    hasNextPage: Boolean!
    hasPreviousPage: Boolean!
    startCursor: String
    endCursor: String
  }

  type ConversationConnection {
    edges: [ConversationEdge!]!
    pageInfo: PageInfo!
  }

  type ConversationEdge {
    cursor: String!
    node: Conversation
  }

  type Conversation implements Node @key(fields: "id") {
    id: ID!
    instance: Instance!
  }

  type Instance @key(fields: "id", resolvable: false) {
    id: ID!
  }
`;

/** Serves one conversation for each of the instances, on a port of its own. */
export async function startConversations(instanceIds: readonly string[]): Promise<string> {
  const edges = instanceIds.map((id, index) => ({
    cursor: String(index),
    node: { id: `conversation_${index}`, instance: { id } },
  }));
  const schema = buildSubgraphSchema({
    typeDefs: parse(conversationsSdl),
    resolvers: {
      Query: {
        conversations: () => ({ edges, pageInfo: { hasNextPage: false, hasPreviousPage: false } }),
        node: () => null,
        nodes: (_: unknown, { ids }: { ids: readonly string[] }) => ids.map(() => null),
      },
      Node: { __resolveType: () => 'Conversation' },
    },
  });
  const yoga = createYoga({ schema, logging: false });
  const server = createServer((request, response) => void yoga(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}
