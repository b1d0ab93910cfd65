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

export function createClient(url: string, protocol: Protocol, connections: number): Client {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections });
  // Every server gets the same request, also the proxy, which reads only the path.
  const requestOf = ({ body, path }: Operation, authorization: string) => ({
    method: 'POST' as const,
    path: protocol === 'rest' ? path : pathname,
    headers: { 'content-type': 'application/json', authorization },
    body,
  });

  return {
    async send(operation, key) {
      const response = await pool.request(requestOf(operation, `Bearer ${key}`));
      const bytes = Buffer.from(await response.body.arrayBuffer());
      if (response.statusCode !== 200 || bytes.includes('"errors":[')) {
        throw new OperationFailed(response.statusCode, bytes.toString());
      }
      return bytes;
    },
    close: () => pool.destroy(),
  };
}
