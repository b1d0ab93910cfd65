import { Pool } from 'undici';

export interface Operation {
  readonly key: string;
  readonly query: string;
  readonly variables?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The operation of each turn of a client. */
export type OperationOf = (turn: number, client: number) => Operation;

export interface Outcome {
  readonly operation: Operation;
  readonly ms: number;
  readonly status: number;
  readonly text: string;
  /** The code of the first error; null: there is no error. */
  readonly code: string | null;
}

export interface Client {
  send(operation: Operation): Promise<Outcome>;
  /** Sends any text, JSON or not. */
  post(body: string): Promise<{ readonly status: number; readonly text: string }>;
  close(): Promise<void>;
}

export function createClient(url: string, connections = 128): Client {
  const { origin, pathname: path } = new URL(url);
  const pool = new Pool(origin, { connections });
  const post = async (body: string, headers: Readonly<Record<string, string>> = {}) => {
    const response = await pool.request({
      method: 'POST',
      path,
      headers: { 'content-type': 'application/json', authorization: 'Bearer hostile', ...headers },
      body,
    });
    return { status: response.statusCode, text: await response.body.text() };
  };
  return {
    async send(operation) {
      const { key, query, variables, headers } = operation;
      const startedAt = performance.now();
      const response = await post(JSON.stringify({ query, variables }), {
        authorization: `Bearer ${key}`,
        ...headers,
      });
      const ms = performance.now() - startedAt;
      const [, code = null] = /"code":"([A-Z_]+)"/.exec(response.text) ?? [];
      return { operation, ms, code, ...response };
    },
    post,
    close: () => pool.destroy(),
  };
}

/** Closed loop: each client sends its next operation when its last one is answered. */
export async function load(
  client: Client,
  { clients, seconds }: { readonly clients: number; readonly seconds: number },
  operationOf: OperationOf,
): Promise<Outcome[]> {
  const until = performance.now() + seconds * 1000;
  const outcomes: Outcome[] = [];
  const run = async (number: number) => {
    for (let turn = 0; performance.now() < until; turn += 1) {
      outcomes.push(await client.send(operationOf(turn, number)));
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, number) => run(number)));
  return outcomes;
}

/** In milliseconds. */
export const quantile = (outcomes: readonly Outcome[], q: number): number => {
  const sorted = outcomes.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;
};

/** How often each code occurred: `800 ok, 20 RATE_LIMITED`. */
export function codesOf(outcomes: readonly Outcome[]): string {
  const counts = Map.groupBy(outcomes, ({ code }) => code ?? 'ok');
  return [...counts].map(([code, { length }]) => `${length} ${code}`).join(', ');
}

export const list = '{ instances { totalCount nodes { id name status } } }';
export const instanceOf = (id: string) => `{ instance(id: "${id}") { id name } }`;
