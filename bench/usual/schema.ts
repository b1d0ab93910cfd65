import { buildSubgraphSchema } from '@apollo/subgraph';
import type DataLoader from 'dataloader';
import { GraphQLError, type GraphQLSchema, parse } from 'graphql';
import type { Enviaai, RestInstance } from './enviaai.ts';

export interface UsualContext {
  readonly enviaai: Enviaai;
  readonly instanceById: DataLoader<string, RestInstance | null>;
}

const typeDefs = parse(/* GraphQL */ `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@key"])

  type Query {
    instance(id: ID!): Instance
    instances(status: InstanceStatus, first: Int = 50, after: String): InstanceConnection
  }

  enum InstanceStatus {
    CONNECTED
    DISCONNECTED
    CONNECTING
    QR_PENDING
  }

  type Instance @key(fields: "id") {
    id: ID!
    name: String!
    phone: String
    status: InstanceStatus!
    profileName: String
    lastSeenAt: String
    settings: InstanceSettings
  }

  type InstanceSettings {
    autoRead: Boolean!
    autoTyping: Boolean!
  }

  type InstanceConnection {
    edges: [InstanceEdge!]!
    nodes: [Instance!]!
    pageInfo: PageInfo!
    totalCount: Int!
  }

  type InstanceEdge {
    cursor: String!
    node: Instance!
  }

  type PageInfo {
    hasNextPage: Boolean!
    hasPreviousPage: Boolean!
    startCursor: String
    endCursor: String
  }
`);

interface ListArguments {
  readonly status?: string | null;
  readonly first: number;
  readonly after?: string | null;
}

interface Reference {
  readonly id: string;
}

const resolvers = {
  Query: {
    instance: (_: unknown, { id }: Reference, { instanceById }: UsualContext) =>
      instanceById.load(id),
    instances: async (_: unknown, args: ListArguments, { enviaai }: UsualContext) => {
      const offset = args.after ? offsetOf(args.after) + 1 : 0;
      const status = args.status?.toLowerCase();
      const page = await enviaai.list({ status, limit: args.first, offset });
      const edges = page.data.map((node, index) => ({ cursor: cursorOf(offset + index), node }));
      return {
        edges,
        nodes: page.data,
        totalCount: page.pagination.total,
        pageInfo: {
          hasNextPage: page.pagination.hasMore,
          hasPreviousPage: offset > 0,
          startCursor: edges.at(0)?.cursor ?? null,
          endCursor: edges.at(-1)?.cursor ?? null,
        },
      };
    },
  },
  Instance: {
    status: ({ status }: RestInstance) => status.toUpperCase(),
    __resolveReference: ({ id }: Reference, { instanceById }: UsualContext) =>
      instanceById.load(id),
  },
};

const cursorOf = (offset: number): string => Buffer.from(`offset:${offset}`).toString('base64');

function offsetOf(cursor: string): number {
  const digits = /^offset:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString())?.[1];
  if (digits) return Number(digits);
  throw new GraphQLError('Not a cursor', { extensions: { code: 'BAD_USER_INPUT' } });
}

export const createUsualSchema = (): GraphQLSchema =>
  buildSubgraphSchema([{ typeDefs, resolvers }]);
