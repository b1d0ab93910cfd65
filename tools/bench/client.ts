import { Pool } from 'undici';
import type { Operation } from './scenarios.ts';

/** What a server accepts: GraphQL operations, or the REST paths that return the same rows. */
export type Protocol = 'graphql' | 'rest';

/** A server answered an operation with an error. */
export class OperationFailed extends Error {
  override readonly name = 'OperationFailed';
  /** A fault of the server, such as a bug; not a refusal. */
  readonly isFault: boolean;

  constructor(status: number, text: string) {
    super(`Status ${status}: ${text.slice(0, 300)}`);
    this.isFault = text.includes('"INTERNAL_SERVER_ERROR"');
  }
}

export interface Client {
  /**
   * Returns the bytes of the response. Rejects with {@link OperationFailed} if they contain an
   * error.
   */
  send(operation: Operation, key: string): Promise<Buffer>;
  close(): Promise<void>;
}

const json = { 'content-type': 'application/json' };

export function createClient(url: string, protocol: Protocol, connections: number): Client {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections });
  const requestOf = protocol === 'rest' ? restRequest : graphqlRequest(pathname);

  return {
    async send(operation, key) {
      const { encoding } = operation;
      const { headers = {}, ...request } = requestOf(operation);
      const response = await pool.request({
        ...request,
        headers: {
          authorization: `Bearer ${key}`,
          ...headers,
          ...(encoding && { 'accept-encoding': encoding }),
        },
      });
      const bytes = Buffer.from(await response.body.arrayBuffer());
      if (response.statusCode !== 200 || bytes.includes('"errors":[')) {
        throw new OperationFailed(response.statusCode, bytes.toString());
      }
      return bytes;
    },
    close: () => pool.destroy(),
  };
}

interface Request {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const graphqlRequest =
  (path: string) =>
  ({ body }: Operation): Request => ({ method: 'POST', path, headers: json, body });

/** The cheapest request for the proxy: reads are GETs without a body. */
const restRequest = ({ path, patch }: Operation): Request =>
  patch === undefined
    ? { method: 'GET', path }
    : { method: 'PATCH', path, headers: json, body: patch };
