import type { Answer, Answered } from './connection.ts';
import { EnviaaiError } from './error.ts';
import {
  type InstanceQuery,
  type InstanceQueryVariables,
  type InstanceDetailsQuery,
  type InstanceDetailsQueryVariables,
  type InstanceRowFragment,
  type InstanceStatusFilter as GraphFilter,
  type InstancesQuery,
  type InstancesQueryVariables,
  instanceDetailsText,
  instanceText,
  instancesText,
} from './generated.ts';
import { type InstanceStatus, statusOf } from './status.ts';

/** A filter of the list, by EnviaAI's names. */
export type InstanceStatusFilter = Lowercase<GraphFilter> | 'all';

/** A WhatsApp connection of the account. */
export type Instance = Omit<InstanceRowFragment, 'status'> & { readonly status: InstanceStatus };

type GraphDetails = NonNullable<InstanceDetailsQuery['instanceDetails']>;

/** What EnviaAI knows of one instance beyond the list. */
export interface InstanceDetails extends Omit<GraphDetails, 'instance'> {
  readonly instance: Pick<Instance, keyof GraphDetails['instance']>;
}

export interface AskOptions {
  /** Aborts the call, or its wait for a retry. The call rejects with the signal's reason, or with an `AbortError`. */
  readonly signal?: AbortSignal | undefined;
  /** Skips the server's cache. */
  readonly fresh?: boolean | undefined;
}

export interface AllOptions extends AskOptions {
  /** Default: `all`. */
  readonly status?: InstanceStatusFilter | undefined;
}

export interface ListOptions extends AllOptions {
  /** Number of rows from the start, or after `after`: 1 to 100 (default 50). */
  readonly first?: number | undefined;
  /** The `endCursor` of the previous page. */
  readonly after?: string | null | undefined;
  /** Number of rows before the end, or before `before`: 1 to 100. */
  readonly last?: number | undefined;
  /** The `startCursor` of the next page. */
  readonly before?: string | null | undefined;
}

type Page = NonNullable<InstancesQuery['instances']>;

export interface InstanceList extends Answered {
  readonly data: readonly Instance[];
  readonly pageInfo: Page['pageInfo'];
  readonly totalCount: number;
}

/** The reads of instances. */
export interface InstanceReads {
  /** Reads a page of the list. */
  readonly list: (options?: ListOptions) => Promise<InstanceList>;
  /** Reads one instance, with its cost; null: the account has no instance with this id. */
  readonly get: (id: string, options?: AskOptions) => Promise<(Instance & Answered) | null>;
  /**
   * Reads the connection, counts and health of one instance: one request to EnviaAI each time. Null:
   * the account has no instance with this id.
   */
  readonly details: (
    id: string,
    options?: AskOptions,
  ) => Promise<(InstanceDetails & Answered) | null>;
  /** Reads every instance once, page by page, also while instances are created or deleted. */
  readonly all: (options?: AllOptions) => AsyncGenerator<Instance, void, undefined>;
  /** Like `all`, in pages of 100, each with its cost. */
  readonly pages: (options?: AllOptions) => AsyncGenerator<InstanceList, void, undefined>;
}

/** Sends a query, with retries. */
export type SendQuery = <Data>(
  query: string,
  variables: object,
  options: AskOptions,
) => Promise<Answer<Data>>;

const graphStatus = {
  connected: 'CONNECTED',
  disconnected: 'DISCONNECTED',
  connecting: 'CONNECTING',
  all: undefined,
} as const satisfies Record<InstanceStatusFilter, GraphFilter | undefined>;

/** Throws if there is no such status. */
export function graphStatusOf(status: InstanceStatusFilter): GraphFilter | undefined {
  // Else an unknown status from JavaScript would become undefined: a list of all instances.
  if (!Object.keys(graphStatus).includes(status)) throw invalidStatus();
  return graphStatus[status];
}

export function createReads(send: SendQuery): InstanceReads {
  async function list(options: ListOptions = {}): Promise<InstanceList> {
    const { status = 'all', first, after, last, before } = options;
    const variables: InstancesQueryVariables = {
      status: graphStatusOf(status),
      first,
      after,
      last,
      before,
    };
    const { data, ...answered } = await send<InstancesQuery>(instancesText, variables, options);
    const page = data?.instances;
    if (!page) throw noData();
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
      const { data, ...answered } = await send<InstanceQuery>(instanceText, variables, options);
      if (!data) throw noData();
      return data.instance && { ...instanceOf(data.instance), ...answered };
    },
    async details(id, options = {}) {
      const variables: InstanceDetailsQueryVariables = { id };
      const { data, ...answered } = await send<InstanceDetailsQuery>(
        instanceDetailsText,
        variables,
        options,
      );
      if (!data) throw noData();
      const details = data.instanceDetails;
      if (!details) return null;
      const { instance } = details;
      const { status } = instance;
      return { ...details, instance: { ...instance, status: statusOf(status) }, ...answered };
    },
    async *all(options) {
      for await (const { data } of pages(options)) yield* data;
    },
  };
}

export function instanceOf(row: InstanceRowFragment): Instance {
  return { ...row, status: statusOf(row.status) };
}

const invalidStatus = () =>
  new EnviaaiError(`\`status\` takes ${Object.keys(graphStatus).join(', ')}.`, {
    code: 'BAD_USER_INPUT',
  });

export const noData = () =>
  new EnviaaiError('The answer has no data.', { code: 'INVALID_RESPONSE' });
