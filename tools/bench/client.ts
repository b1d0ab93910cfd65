import { Pool } from 'undici';
import type { Operation } from './scenarios.ts';

/** What a server understands: operations of the graph, or the REST paths that they come to. */
export type Speaks = 'graphql' | 'rest';

/** An operation that was answered with an error. */
export class NotAnswered extends Error {
  override readonly name = 'NotAnswered';
  /** Of the server's own making, and nothing that it foresaw. */
  readonly isFault: boolean;

  constructor(status: number, text: string) {
    super(`Answered with ${status}: ${text.slice(0, 300)}`);
    this.isFault = text.includes('"INTERNAL_SERVER_ERROR"');
  }
}

export interface Client {
  /** The bytes of the answer. Rejects with {@link NotAnswered} where there is an error in it. */
  send(operation: Operation, key: string): Promise<Buffer>;
  close(): Promise<void>;
}

export function createClient(url: string, speaks: Speaks, connections: number): Client {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections });
  // The same request to all, but that the path tells who looks at no body what it comes to.
  const requestOf = ({ body, path }: Operation, authorization: string) => ({
    method: 'POST' as const,
    path: speaks === 'rest' ? path : pathname,
    headers: { 'content-type': 'application/json', authorization },
    body,
  });

  return {
    async send(operation, key) {
      const answer = await pool.request(requestOf(operation, `Bearer ${key}`));
      const bytes = Buffer.from(await answer.body.arrayBuffer());
      if (answer.statusCode !== 200 || bytes.includes('"errors":[')) {
        throw new NotAnswered(answer.statusCode, bytes.toString());
      }
      return bytes;
    },
    close: () => pool.destroy(),
  };
}
