import DataLoader from 'dataloader';
import { GraphQLError } from 'graphql';
import type { Enviaai, RestInstance } from './enviaai.ts';

export interface Context {
  readonly enviaai: Enviaai;
  readonly instanceById: DataLoader<string, RestInstance | null>;
}

export function createContext(enviaai: Enviaai): Context {
  const instanceById = new DataLoader<string, RestInstance | null>((ids) =>
    Promise.all(ids.map((id) => enviaai.get(id).catch(asError))),
  );
  return { enviaai, instanceById };
}

/** DataLoader takes errors as values: one failed id does not fail the others. */
const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error('The call failed');

/**
 * The part of the graph that the benchmark queries. Dates and URLs are strings, as in the REST API.
 */
export const typeDefs = /* GraphQL */ `
  type Query {
    instance(id: ID!): Instance
    instances(status: InstanceStatusFilter, first: Int = 50, after: String): InstanceConnection
  }

  enum InstanceStatusFilter {
    CONNECTED
    DISCONNECTED
    CONNECTING
  }

  enum InstanceStatus {
    CONNECTED
    DISCONNECTED
    CONNECTING
    QR_PENDING
  }

  type Instance {
    id: ID!
    name: String!
    phone: String
    status: InstanceStatus!
    profileName: String
    profilePicUrl: String
    createdAt: String
    lastSeenAt: String
    webhookUrl: String
    settings: InstanceSettings
  }

  type InstanceSettings {
    autoRead: Boolean!
    autoTyping: Boolean!
    webhookUrl: String
    webhookEvents: [String!]
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
`;

interface ListArguments {
  readonly status?: string | null;
  readonly first: number;
  readonly after?: string | null;
}

interface ConnectionSource {
  readonly nodes: readonly RestInstance[];
  readonly offset: number;
}

export const resolvers = {
  Query: {
    instance: (_: unknown, { id }: { readonly id: string }, { instanceById }: Context) =>
      instanceById.load(id),
    instances: async (_: unknown, args: ListArguments, { enviaai }: Context) => {
      const offset = args.after ? offsetOf(args.after) + 1 : 0;
      const status = args.status?.toLowerCase();
      const { data, pagination } = await enviaai.list({ status, limit: args.first, offset });
      return {
        offset,
        nodes: data,
        totalCount: pagination.total,
        pageInfo: {
          hasNextPage: pagination.hasMore,
          hasPreviousPage: offset > 0,
          startCursor: data.length > 0 ? cursorOf(offset) : null,
          endCursor: data.length > 0 ? cursorOf(offset + data.length - 1) : null,
        },
      };
    },
  },
  InstanceConnection: {
    edges: ({ nodes, offset }: ConnectionSource) =>
      nodes.map((node, index) => ({ cursor: cursorOf(offset + index), node })),
  },
  Instance: {
    status: ({ status }: RestInstance) => status.toUpperCase(),
    settings: ({ settings, webhookUrl, webhookEvents }: RestInstance) => ({
      ...settings,
      webhookUrl,
      webhookEvents,
    }),
  },
};

const cursorOf = (offset: number): string => Buffer.from(`offset:${offset}`).toString('base64');

function offsetOf(cursor: string): number {
  const digits = /^offset:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString())?.[1];
  if (digits) return Number(digits);
  throw new GraphQLError('Not a cursor', { extensions: { code: 'BAD_USER_INPUT' } });
}
