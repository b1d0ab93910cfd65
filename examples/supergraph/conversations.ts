import { createServer } from 'node:http';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { listen, type Served } from './listen.ts';

/**
 * Another team's subgraph, with Relay types: a conversation refers to its instance, an instance to
 * its conversations.
 */
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
    "Null if the instance no longer exists, and with an error while it cannot be read."
    instance: Instance
  }

  type Instance @key(fields: "id") {
    id: ID!
    conversations: [Conversation!]!
  }
`;

interface Conversation {
  readonly id: string;
  /** A reference: the router fetches the other fields from the other subgraph. */
  readonly instance: { readonly id: string };
}

/** Starts a subgraph with one conversation for each of these instances, on a free port. */
export function startConversations(instanceIds: readonly string[]): Promise<Served> {
  const conversations = instanceIds.map((id, index): Conversation => ({
    id: `conversation_${index}`,
    instance: { id },
  }));
  const schema = buildSubgraphSchema({
    typeDefs: parse(conversationsSdl),
    resolvers: {
      Query: {
        conversations: () => ({
          edges: conversations.map((node, index) => ({ cursor: String(index), node })),
          pageInfo: { hasNextPage: false, hasPreviousPage: false },
        }),
        node: (_: unknown, { id }: { id: string }) => find(id),
        nodes: (_: unknown, { ids }: { ids: readonly string[] }) => ids.map(find),
      },
      Node: { __resolveType: () => 'Conversation' },
      Conversation: { __resolveReference: ({ id }: { id: string }) => find(id) },
      Instance: {
        conversations: ({ id }: { id: string }) =>
          conversations.filter(({ instance }) => instance.id === id),
      },
    },
  });
  const yoga = createYoga({ schema, logging: false });
  return listen(createServer((request, response) => void yoga(request, response)));

  function find(id: string): Conversation | null {
    return conversations.find((conversation) => conversation.id === id) ?? null;
  }
}
