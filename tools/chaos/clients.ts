import { Pool } from 'undici';

export interface Ask {
  readonly key: string;
  readonly query: string;
  readonly variables?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answered {
  readonly ask: Ask;
  readonly ms: number;
  readonly status: number;
  readonly text: string;
  /** The code of the first error; null: none. */
  readonly code: string | null;
}

export interface Client {
  send(ask: Ask): Promise<Answered>;
  /** A body as it is, JSON or not. */
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
    async send(ask) {
      const { key, query, variables, headers } = ask;
      const startedAt = performance.now();
      const answer = await post(JSON.stringify({ query, variables }), {
        authorization: `Bearer ${key}`,
        ...headers,
      });
      const ms = performance.now() - startedAt;
      const [, code = null] = /"code":"([A-Z_]+)"/.exec(answer.text) ?? [];
      return { ask, ms, code, ...answer };
    },
    post,
    close: () => pool.destroy(),
  };
}

/** So many clients, each of which asks again as soon as it has its answer. */
export async function load(
  client: Client,
  { clients, seconds }: { readonly clients: number; readonly seconds: number },
  ask: (turn: number, client: number) => Ask,
): Promise<Answered[]> {
  const until = performance.now() + seconds * 1000;
  const answered: Answered[] = [];
  const run = async (number: number) => {
    for (let turn = 0; performance.now() < until; turn += 1) {
      answered.push(await client.send(ask(turn, number)));
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, number) => run(number)));
  return answered;
}

export const quantile = (answered: readonly Answered[], q: number): number => {
  const sorted = answered.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;
};

/** How often each code was told: `800 well, 20 RATE_LIMITED`. */
export function codesOf(answered: readonly Answered[]): string {
  const counts = Map.groupBy(answered, ({ code }) => code ?? 'well');
  return [...counts].map(([code, { length }]) => `${length} ${code}`).join(', ');
}

export const list = '{ instances { totalCount nodes { id name status } } }';
export const instanceOf = (id: string) => `{ instance(id: "${id}") { id name } }`;
