/** One GraphQL request, and with whose key. */
export interface Operation {
  readonly key: string;
  readonly query: string;
  readonly variables: object;
}

export type Send = (operation: Operation) => Promise<unknown>;

export interface Scenario {
  readonly name: string;
  /** Rows that each key has beyond the 200 it begins with. */
  readonly more: number;
  /** Its keys in one round; every round has keys that nobody used before. */
  readonly keys: number;
  /** Sends operations, and ends when all of them are answered. */
  run(send: Send, keys: readonly string[], seconds: number): Promise<void>;
}

const list = /* GraphQL */ `
  query List($status: InstanceStatus, $first: Int, $after: String) {
    instances(status: $status, first: $first, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        name
        phone
        status
        lastSeenAt
      }
    }
  }
`;

const fields = 'id name status phone profileName lastSeenAt settings { autoRead autoTyping }';

const entities = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) { ... on Instance { ${fields} } }
}`;

const aliased = (count: number): string => {
  const slots = Array.from({ length: count }, (_, index) => index);
  const given = slots.map((slot) => `$id${slot}: ID!`).join(', ');
  const asked = slots.map((slot) => `i${slot}: instance(id: $id${slot}) { ${fields} }`);
  return `query (${given}) { ${asked.join(' ')} }`;
};

const aliased25 = aliased(25);
const aliased10 = aliased(10);

const named = (ids: readonly string[]) =>
  Object.fromEntries(ids.map((id, index) => [`id${index}`, id]));

/** `ids` are those of the 200 rows that every key has. */
export function scenariosOver(ids: readonly string[]): readonly Scenario[] {
  // The same "chance" in every round and for both servers.
  const some = (count: number, seed: number) =>
    Array.from({ length: count }, (_, n) => ids[(seed * 31 + n * 37) % ids.length] ?? '');

  return [
    {
      name: '200 screens poll a list, each once a second',
      more: 0,
      keys: 1,
      run: (send, [key = ''], seconds) =>
        paced({ perSecond: 200, seconds }, () =>
          send({ key, query: list, variables: { first: 50 } }),
        ),
    },
    {
      name: '25 of 200 by id, each in a field of its own',
      more: 0,
      keys: 1,
      run: (send, [key = ''], seconds) =>
        paced({ perSecond: 20, seconds }, (turn) =>
          send({ key, query: aliased25, variables: named(some(25, turn)) }),
        ),
    },
    {
      name: '_entities of 100 of 200, as a router asks',
      more: 0,
      keys: 1,
      run: (send, [key = ''], seconds) =>
        paced({ perSecond: 10, seconds }, (turn) => {
          const ids = some(100, turn);
          const representations = ids.map((id) => ({ __typename: 'Instance', id }));
          return send({ key, query: entities, variables: { representations } });
        }),
    },
    {
      name: 'walks through 1,000 rows, 50 at a time',
      more: 800,
      keys: 8,
      run: async (send, keys) => {
        await Promise.all(keys.map((key) => walk(send, key)));
      },
    },
    {
      name: '20 keys mixed: lists, 1 and 10 ids, statuses',
      more: 0,
      keys: 20,
      run: (send, keys, seconds) =>
        paced({ perSecond: 100, seconds }, (turn) => {
          const key = keys[(turn * 7) % keys.length] ?? '';
          return send({ key, ...mixed(turn, some(10, turn)) });
        }),
    },
  ];
}

function mixed(turn: number, ids: readonly string[]): Omit<Operation, 'key'> {
  const slot = Math.floor(turn / 20) % 10;
  if (slot < 5) return { query: list, variables: { first: 50 } };
  if (slot < 7) return { query: aliased10, variables: named(ids) };
  if (slot < 9) return { query: aliased(1), variables: named(ids.slice(0, 1)) };
  return { query: list, variables: { first: 50, status: 'CONNECTED' } };
}

async function walk(send: Send, key: string): Promise<void> {
  let after: string | null = null;
  do {
    const data = (await send({ key, query: list, variables: { first: 50, after } })) as {
      instances: { pageInfo: { hasNextPage: boolean; endCursor: string } } | null;
    } | null;
    const pageInfo = data?.instances?.pageInfo;
    after = pageInfo?.hasNextPage ? pageInfo.endCursor : null;
  } while (after !== null);
}

/** Sends at a steady pace whether or not the earlier ones are answered, as clients do. */
async function paced(
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
  sendOne: (turn: number) => Promise<unknown>,
): Promise<void> {
  const sent: Promise<unknown>[] = [];
  const total = perSecond * seconds;
  const startedAt = performance.now();
  while (sent.length < total) {
    const due = Math.min(total, Math.ceil(((performance.now() - startedAt) / 1000) * perSecond));
    while (sent.length < due) sent.push(sendOne(sent.length));
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  await Promise.all(sent);
}
