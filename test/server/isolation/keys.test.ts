import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { type Answer, start } from '#test/support/start.ts';
import {
  type Account,
  fillAccounts,
  idOf,
  keys,
  strangersIn,
} from '#test/support/isolation/accounts.ts';

const env = { LOG_LEVEL: 'silent', ENVIAAI_RATE_PER_MINUTE: '40' };
const as = (key: string) => ({ authorization: `Bearer ${key}` });
const ids = [0, 7, 50, 101, 109].map(idOf);

/** Equal for all keys, and asked for by all of them in the same moment. */
const documents = [
  '{ all: instances(first: 20) { totalCount nodes { id name } } }',
  '{ all: instances(last: 20) { totalCount nodes { id name } } }',
  '{ instances(status: CONNECTED, first: 100) { nodes { id name } } }',
  '{ instances(status: CONNECTING) { edges { cursor node { name } } } }',
  `{ instance(id: "${idOf(3)}") { id name settings { autoRead } } }`,
  `{ nodes(ids: ${JSON.stringify(ids)}) { ... on Instance { id name } } }`,
  '{ all: instances(first: 1) { totalCount } instance(id: "inst_nowhere") { name } }',
] as const;

test('20 keys that ask for the same at once see their own rows only, whatever fails or is given up between', async () => {
  const clock = createTestClock();
  const server = await start({ clock, env, instances: 0, ratePerMinute: 40 });
  const accounts = fillAccounts(server);
  const seen = { answers: 0, rows: 0, stale: 0, failed: 0 };
  const note = (account: Account, answer: Answer) => {
    expect(strangersIn(account, answer)).toEqual([]);
    seen.answers += 1;
    seen.rows += answer.text.split('"name":').length - 1;
    seen.stale += answer.extensions?.enviaai?.stale ? 1 : 0;
    seen.failed += answer.errors ? 1 : 0;
  };

  for (let round = 0; round < 50; round += 1) {
    // One key is refused for a while, one slowly answered, one's calls break.
    const fault = [{ status: 401 }, { delayMs: 20 }, { mode: 'reset' as const }][round % 3];
    if (round % 5 === 0) server.sandbox.control.fail({ key: keys[round % 20] ?? '', ...fault });
    await Promise.all(
      accounts.flatMap((account, number) =>
        [0, 1, 2].map(async (turn) => {
          const document = documents[(round + turn) % documents.length] ?? '';
          if (turn === 2 && number % 4 === round % 4) return giveUp(server.url, account, document);
          note(account, await server.query(document, {}, as(account.key)));
        }),
      ),
    );
    clock.advance(1100);
  }

  expect(seen.answers).toBe(2750);
  expect(seen.rows).toBeGreaterThan(20_000);
  expect(seen.failed).toBeGreaterThan(0);
  expect(seen.stale).toBeGreaterThan(0);
  for (const { key } of accounts) expect(server.calls(key).length).toBeLessThanOrEqual(40);
});

/** Asks, and goes away before the answer is there. */
async function giveUp(url: string, { key }: Account, query: string): Promise<void> {
  const gone = new AbortController();
  const asked = fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...as(key) },
    body: JSON.stringify({ query }),
    signal: gone.signal,
  });
  setImmediate(() => gone.abort());
  await asked.catch(() => {});
}

const page = /* GraphQL */ `
  query Page($after: String) {
    all: instances(first: 5, after: $after) {
      totalCount
      edges {
        cursor
        node {
          name
        }
      }
    }
  }
`;

test('a cursor of one key is refused to every other, at no call, and still good for its own', async () => {
  const clock = createTestClock();
  const server = await start({ clock, env, instances: 0, ratePerMinute: 40 });
  const accounts = fillAccounts(server);
  const cursors = new Map<string, string[]>();
  for (const { key } of accounts) {
    const { data } = await server.query(page, {}, as(key));
    const edges: readonly { readonly cursor: string }[] = data.all.edges;
    cursors.set(
      key,
      edges.map(({ cursor }) => cursor),
    );
  }
  let refused = 0;
  for (const account of accounts) {
    for (const [owner, theirs] of cursors) {
      const after = theirs[refused % theirs.length];
      const answer = await server.query(page, { after }, as(account.key));
      expect(strangersIn(account, answer)).toEqual([]);
      if (owner === account.key) {
        expect(answer.data.all.edges).toHaveLength(5);
        continue;
      }
      refused += 1;
      expect(answer.data).toEqual({ all: null });
      expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    }
  }
  expect(refused).toBe(380);
  for (const { key } of accounts) expect(server.calls(key)).toHaveLength(1);
});
