import { startingRows } from '#src/sandbox/grow.ts';
import { aliased, listOfAllFields, listOfThreeFields } from './documents.ts';

/** One request, as each kind of server understands it. */
export interface Operation {
  /** The body of a GraphQL request. */
  readonly body: string;
  /** What comes to the same at the bare proxy. */
  readonly path: string;
}

/** Which request of a load it is. */
export interface Turn {
  readonly number: number;
  readonly worker: number;
  /** How many this worker has sent before. */
  readonly step: number;
  /** This worker's last answer. */
  readonly last: Buffer | null;
}

export interface Scenario {
  readonly name: string;
  /** What is asked, of how much, for the reader of the table. */
  readonly asks: string;
  /** In each key's account. */
  readonly rows: number;
  readonly keys: number;
  /** Where every page is fetched: operations of one key at the same time share their calls. */
  readonly keysIfFetched: number;
  operation(turn: Turn): Operation;
  /** The number of the key it is asked with. */
  keyAt(turn: Turn): number;
  /** Whether an answer's data is what was asked for. */
  isWhole(data: unknown): boolean;
}

export const connections = 8;

const oneKey = { keys: 1, keysIfFetched: connections, keyAt: ({ worker }: Turn) => worker };

const different = 200;
const cycle = (make: (at: number) => Operation): ((turn: Turn) => Operation) => {
  const made = Array.from({ length: different }, (_, at) => make(at));
  return ({ number }) => made[number % different] ?? make(number);
};

const bodyOf = (query: string, variables: object) => JSON.stringify({ query, variables });

const pathOf = (first: number, offset = 0, status = 'all') =>
  `/instances?status=${status}&limit=${first}&offset=${offset}`;

const list = (query: string, first: number): Operation => ({
  body: bodyOf(query, { first }),
  path: pathOf(first),
});

const byIds = (ids: readonly string[]): Operation => ({
  body: bodyOf(aliased(ids.length), Object.fromEntries(ids.map((id, index) => [`id${index}`, id]))),
  path: `/each?${ids.map((id) => `/instances/${id}`).join('&')}`,
});

/** Ids of an account of so many rows, the same "chance" in every round and for every server. */
export function someIds(rows: number): (count: number, seed: number) => readonly string[] {
  const ids = startingRows(rows).map(({ id }) => String(id));
  return (count, seed) =>
    Array.from({ length: count }, (_, n) => ids[(seed * 31 + n * 37) % rows] ?? '');
}

/** Nothing is missing: each instance is there, and so many of a list. */
const isWhole = (rows: number) => (data: unknown) =>
  Object.values(data as Readonly<Record<string, { readonly nodes?: readonly unknown[] } | null>>)
    .map((field) => (field === null ? 0 : (field.nodes?.length ?? rows)))
    .every((found) => found === rows);

export function listOf(rows: number, first = 50): Pick<Scenario, 'operation' | 'isWhole'> {
  return {
    operation: cycle(() => list(listOfAllFields, first)),
    isWhole: isWhole(Math.min(first, rows)),
  };
}

export function idsOf(rows: number, count = 25): Pick<Scenario, 'operation' | 'isWhole'> {
  const some = someIds(rows);
  return { operation: cycle((at) => byIds(some(count, at))), isWhole: isWhole(1) };
}

function mixed(rows: number): Scenario['operation'] {
  const some = someIds(rows);
  const first = 50;
  return cycle((at) => {
    // Spread evenly, so that a short round asks the same as a long one.
    const slot = (at * 3) % 10;
    if (slot < 5) return list(listOfAllFields, first);
    if (slot < 7) return byIds(some(25, at));
    if (slot < 9) return byIds(some(1, at));
    const body = bodyOf(listOfAllFields, { first, status: 'CONNECTED' });
    return { body, path: pathOf(first, 0, 'connected') };
  });
}

/** From page to page, each worker for itself, and from the start again after the last one. */
function walk(rows: number): Scenario['operation'] {
  const first = 50;
  return ({ step, last }) => {
    const [, more, after] =
      /"hasNextPage":(true|false),"endCursor":"([^"]*)"/.exec(last?.toString() ?? '') ?? [];
    const variables = more === 'true' ? { first, after } : { first };
    return {
      body: bodyOf(listOfAllFields, variables),
      path: pathOf(first, (step * first) % rows),
    };
  };
}

const rows = 1000;

export const scenarios: readonly Scenario[] = [
  {
    name: 'list of 50',
    asks: 'all fields of 50 rows',
    rows: 50,
    ...oneKey,
    ...listOf(50),
  },
  {
    name: 'list of 10',
    asks: 'three fields of 10 rows',
    rows: 10,
    ...oneKey,
    operation: cycle(() => list(listOfThreeFields, 10)),
    isWhole: isWhole(10),
  },
  {
    name: '25 by id',
    asks: '25 of 1,000 rows, each in a field of its own',
    rows,
    ...oneKey,
    ...idsOf(rows),
  },
  {
    name: '20 keys mixed',
    asks: 'lists of 50, 25 ids, one id, one status; 20 keys of 200 rows',
    rows: 200,
    keys: 20,
    keysIfFetched: 20,
    // Each key comes to ask everything.
    keyAt: ({ number }) => number + Math.floor(number / 20),
    operation: mixed(200),
    isWhole: isWhole(50),
  },
  {
    name: 'list of 50 of many',
    asks: 'all fields of the first 50 of 1,000 rows; this server calls for 100, and holds what is left for the next question',
    rows,
    ...oneKey,
    ...listOf(rows),
  },
  {
    name: 'list of 50, shared',
    asks: 'all fields of the first 50 of 1,000 rows; also where every page is fetched, all connections have one key, and share calls',
    rows,
    ...oneKey,
    keysIfFetched: 1,
    ...listOf(rows),
  },
  {
    name: 'list of one',
    asks: 'the first 50 of one row',
    rows: 1,
    ...oneKey,
    ...listOf(1),
  },
  {
    name: 'walk',
    asks: '1,000 rows, 50 at a time, from page to page',
    rows,
    ...oneKey,
    operation: walk(rows),
    isWhole: isWhole(50),
  },
];
