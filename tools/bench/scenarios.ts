import { startingRows } from '#src/sandbox/account/grow.ts';
import {
  documentByIds,
  edgesOfAllFields,
  listOfAllFields,
  listOfThreeFields,
  renameInstance,
} from './documents.ts';
import type { Encoding } from './encoding.ts';

/** One request, for both kinds of servers. */
export interface Operation {
  /** Body of the GraphQL request. */
  readonly body: string;
  /** The bare proxy's path for the same rows. */
  readonly path: string;
  /** Body of the bare proxy's PATCH; without it, the proxy gets a GET. */
  readonly patch?: string;
  /** `Accept-Encoding` of the request; without it, there is no such header. */
  readonly encoding?: Encoding;
}

/** The position of one request in a load. */
export interface Turn {
  readonly number: number;
  readonly worker: number;
  /** How many requests this worker has sent before. */
  readonly step: number;
  /** This worker's previous response. */
  readonly last: Buffer | null;
}

export const firstTurn: Turn = { number: 0, worker: 0, step: 0, last: null };

export interface Scenario {
  readonly name: string;
  /** Printed above the table: the fields, the number of rows. */
  readonly description: string;
  /** Rows of the account of each key. */
  readonly rows: number;
  readonly keys: number;
  operation(turn: Turn): Operation;
  /** Index of the key of this request; it is taken modulo the number of keys. */
  keyAt(turn: Turn): number;
  /** Whether the data of a response has every row. */
  isComplete(data: unknown): boolean;
}

export const oneKey = { keys: 1, keyAt: () => 0 };

const distinctOperations = 200;

/** Creates the operations once and repeats them in order. */
const repeated = (create: (at: number) => Operation): ((turn: Turn) => Operation) => {
  const operations = Array.from({ length: distinctOperations }, (_, at) => create(at));
  return ({ number }) => operations[number % distinctOperations] ?? create(number);
};

const bodyOf = (query: string, variables: object) => JSON.stringify({ query, variables });

const pathOf = (first: number, offset = 0, status = 'all') =>
  `/instances?status=${status}&limit=${first}&offset=${offset}`;

export const list = (query: string, first: number): Operation => ({
  body: bodyOf(query, { first }),
  path: pathOf(first),
});

export const byIds = (ids: readonly string[]): Operation => ({
  body: bodyOf(
    documentByIds(ids.length),
    Object.fromEntries(ids.map((id, index) => [`id${index}`, id])),
  ),
  path: `/each?${ids.map((id) => `/instances/${id}`).join('&')}`,
});

const idsOfFifty = startingRows(50).map(({ id }) => String(id));

/** Samples ids of an account of this size. The same seed gives the same ids in every round. */
export function sampleIds(rows: number): (count: number, seed: number) => readonly string[] {
  const ids = startingRows(rows).map(({ id }) => String(id));
  return (count, seed) =>
    Array.from({ length: count }, (_, n) => ids[(seed * 31 + n * 37) % rows] ?? '');
}

interface RootField {
  readonly nodes?: readonly unknown[];
  readonly edges?: readonly unknown[];
}

/** Every instance is there, and every list has this number of rows. */
const isComplete = (rows: number) => (data: unknown) =>
  Object.values(data as Readonly<Record<string, RootField | null>>)
    .map((field) => (field === null ? 0 : ((field.nodes ?? field.edges)?.length ?? rows)))
    .every((found) => found === rows);

type Reading = Pick<Scenario, 'operation' | 'isComplete'>;

export function listOf(rows: number, first = 50, query = listOfAllFields): Reading {
  return {
    operation: repeated(() => list(query, first)),
    isComplete: isComplete(Math.min(first, rows)),
  };
}

export function idsOf(rows: number, count = 25): Reading {
  const sample = sampleIds(rows);
  return { operation: repeated((at) => byIds(sample(count, at))), isComplete: isComplete(1) };
}

function mixed(rows: number): Scenario['operation'] {
  const sample = sampleIds(rows);
  const first = 50;
  return repeated((at) => {
    // Spread evenly, so that a short round has the same mix as a long one.
    const slot = (at * 3) % 10;
    if (slot < 5) return list(listOfAllFields, first);
    if (slot < 7) return byIds(sample(25, at));
    if (slot < 9) return byIds(sample(1, at));
    const body = bodyOf(listOfAllFields, { first, status: 'CONNECTED' });
    return { body, path: pathOf(first, 0, 'connected') };
  });
}

/** Each worker pages through the list by cursors, and starts again after the last page. */
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

/** The scenarios that read; all servers of the benchmark answer them. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'list of 50, edges',
    description: 'all fields of 50 rows, with cursors and page info, as Relay reads a page',
    rows: 50,
    ...oneKey,
    ...listOf(50, 50, edgesOfAllFields),
  },
  {
    name: 'list of 50, nodes',
    description: 'all fields of 50 rows, without the cursor of each row',
    rows: 50,
    ...oneKey,
    ...listOf(50),
  },
  {
    name: 'list of 10',
    description: 'three fields of 10 rows',
    rows: 10,
    ...oneKey,
    ...listOf(10, 10, listOfThreeFields),
  },
  {
    name: '25 by id',
    description: '25 of 1,000 rows, each in a separate field; 200 different samples of ids in turn',
    rows,
    ...oneKey,
    ...idsOf(rows),
  },
  {
    name: '20 keys mixed',
    description: 'lists of 50, 25 ids, one id, one status; 20 keys of 200 rows',
    rows: 200,
    keys: 20,
    // Shifted by one in each pass over the keys, so that each key sends every operation.
    keyAt: ({ number }) => number + Math.floor(number / 20),
    operation: mixed(200),
    isComplete: isComplete(50),
  },
  {
    name: 'walk',
    description: '1,000 rows, 50 at a time, from page to page',
    rows,
    ...oneKey,
    operation: walk(rows),
    isComplete: isComplete(50),
  },
];

export const scenarioNamed = (name: string): Scenario => {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (!found) throw new Error(`There is no scenario ${name}`);
  return found;
};

/** Renames the rows of an account in turn. Only the proxy and this server can. */
export const renaming: Scenario = {
  name: 'rename',
  description: 'a mutation that renames one row of 50 and returns all its fields',
  rows: 50,
  ...oneKey,
  operation({ number }) {
    const id = idsOfFifty[number % idsOfFifty.length] ?? '';
    const name = `Line ${number}`;
    return {
      body: bodyOf(renameInstance, { id, name }),
      path: `/instances/${id}`,
      patch: JSON.stringify({ name }),
    };
  },
  isComplete: (data) =>
    (data as { readonly updateInstance: { readonly instance: unknown } | null }).updateInstance
      ?.instance != null,
};
