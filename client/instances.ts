import type { Answer, Answered } from './connection.ts';
import { EnviaaiError } from './error.ts';
import {
  type InstanceQuery,
  type InstanceQueryVariables,
  type InstanceRowFragment,
  type InstanceStatus as GraphStatus,
  type InstancesQuery,
  type InstancesQueryVariables,
  instanceText,
  instancesText,
} from './generated.ts';

/** In EnviaAI's words; `unknown`: newer than this client. */
export type InstanceStatus = Lowercase<GraphStatus>;

/** A WhatsApp line of the account. */
export type Instance = Omit<InstanceRowFragment, 'status'> & { readonly status: InstanceStatus };

export interface AskOptions {
  /** Ends the call, and the wait for a retry, with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Asks EnviaAI for it, not the server's memory. */
  readonly fresh?: boolean | undefined;
}

export interface AllOptions extends AskOptions {
  /** Left out: `all`. */
  readonly status?: 'connected' | 'disconnected' | 'connecting' | 'all' | undefined;
}

export interface ListOptions extends AllOptions {
  /** How many, from the start or after `after`: 1 to 100; 50 when left out. */
  readonly first?: number | undefined;
  /** The `endCursor` of the page before. */
  readonly after?: string | null | undefined;
  /** How many, up to the end or up to `before`: 1 to 100. */
  readonly last?: number | undefined;
  /** The `startCursor` of the page after. */
  readonly before?: string | null | undefined;
}

type Page = NonNullable<InstancesQuery['instances']>;

export interface InstanceList extends Answered {
  readonly data: readonly Instance[];
  readonly pageInfo: Page['pageInfo'];
  readonly totalCount: number;
}

export interface Instances {
  /** A page of the list. */
  readonly list: (options?: ListOptions) => Promise<InstanceList>;
  /** One instance, with what it cost; null when the account has none of this id. */
  readonly get: (id: string, options?: AskOptions) => Promise<(Instance & Answered) | null>;
  /** Every instance, page after page: none twice, none left out, whatever comes or goes meanwhile. */
  readonly all: (options?: AllOptions) => AsyncGenerator<Instance, void, undefined>;
  /** The same, in pages of 100, each with what it cost. */
  readonly pages: (options?: AllOptions) => AsyncGenerator<InstanceList, void, undefined>;
}

/** Asks the server, again where that is of use. */
export type Ask = <Data>(
  query: string,
  variables: object,
  options: AskOptions,
) => Promise<Answer<Data>>;

const graphStatus = {
  connected: 'CONNECTED',
  disconnected: 'DISCONNECTED',
  connecting: 'CONNECTING',
  all: undefined,
} as const satisfies Record<string, GraphStatus | undefined>;

const statusOf = new Map<string, InstanceStatus>([
  ['CONNECTED', 'connected'],
  ['DISCONNECTED', 'disconnected'],
  ['CONNECTING', 'connecting'],
  ['QR_PENDING', 'qr_pending'],
]);

export function createInstances(ask: Ask): Instances {
  async function list(options: ListOptions = {}): Promise<InstanceList> {
    const { status = 'all', first, after, last, before } = options;
    // Left to itself, a word that is none of these would be a list of all.
    if (!Object.hasOwn(graphStatus, status)) throw notAStatus();
    const variables: InstancesQueryVariables = {
      status: graphStatus[status],
      first,
      after,
      last,
      before,
    };
    const { data, ...answered } = await ask<InstancesQuery>(instancesText, variables, options);
    const page = data?.instances;
    if (!page) throw empty();
    const { nodes, pageInfo, totalCount } = page;
    return { data: nodes.map(instanceOf), pageInfo, totalCount, ...answered };
  }

  async function* pages(options: AllOptions = {}): AsyncGenerator<InstanceList, void, undefined> {
    for (let after: string | null | undefined; after !== null;) {
      const page: InstanceList = await list({ ...options, first: 100, after });
      yield page;
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    }
  }

  return {
    list,
    pages,
    async get(id, options = {}) {
      const variables: InstanceQueryVariables = { id };
      const { data, ...answered } = await ask<InstanceQuery>(instanceText, variables, options);
      if (!data) throw empty();
      return data.instance && { ...instanceOf(data.instance), ...answered };
    },
    async *all(options) {
      for await (const { data } of pages(options)) yield* data;
    },
  };
}

function instanceOf(row: InstanceRowFragment): Instance {
  return { ...row, status: statusOf.get(row.status) ?? 'unknown' };
}

const notAStatus = () =>
  new EnviaaiError(`\`status\` takes ${Object.keys(graphStatus).join(', ')}`, {
    code: 'BAD_USER_INPUT',
  });

const empty = () => new EnviaaiError('The answer has no data', { code: 'INVALID_RESPONSE' });
