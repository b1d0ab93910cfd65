import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { figure } from '#test/support/budget/figure.ts';
import { runs } from '#test/support/random/random-runs.ts';
import type { Answer } from '#test/support/start.ts';
import { withoutCursors } from '#test/support/response-cache/caching-server.ts';
import {
  type Account,
  type AnswerPair,
  type Query,
  startTwins,
  type Step,
} from '#test/support/response-cache/twin-servers.ts';

const row = fc.integer({ min: 0, max: 3 });
const listsOf = (...statuses: (string | null)[]): fc.Arbitrary<Query> =>
  fc.record({
    kind: fc.constant('list'),
    first: fc.constantFrom(2, 100),
    status: fc.constantFrom(...statuses),
  });
const anyQuery: fc.Arbitrary<Query> = fc.oneof(
  listsOf(null, null, 'CONNECTED', 'CONNECTING'),
  fc.record({ kind: fc.constant('walk' as const), first: fc.constantFrom(2, 60) }),
  fc.record({ kind: fc.constant('end' as const), last: fc.constantFrom(2, 60) }),
  fc.record({ kind: fc.constant('one' as const), row }),
  fc.record({
    kind: fc.constant('many' as const),
    rows: fc.array(row, { minLength: 2, maxLength: 3 }),
  }),
);
const changes: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('set' as const),
      row,
      to: fc.constantFrom('connected', 'disconnected', 'connecting'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('add' as const), at: fc.constantFrom(0, 2) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), row }) },
);
const plansOf = (queries: fc.Arbitrary<Query>) =>
  fc.record({
    rows: fc.constantFrom(5, 30, 130, 240),
    steps: fc.array(
      fc.oneof(
        {
          weight: 6,
          arbitrary: fc.record({
            do: fc.constant('ask' as const),
            what: queries,
            noCache: fc.constantFrom(false, false, false, false, true),
          }),
        },
        {
          weight: 2,
          arbitrary: fc.record({
            do: fc.constant('wait' as const),
            ms: fc.constantFrom(500, 1500, 2001),
          }),
        },
        { weight: 1, arbitrary: changes },
        {
          weight: 1,
          arbitrary: fc.record({
            do: fc.constant('step' as const),
            ms: fc.constantFrom(-3_600_000, 3_600_000, -1500, 1500),
          }),
        },
      ),
      { minLength: 20, maxLength: 40 },
    ),
  });

const numRuns = runs(15);
const timeout = 60_000 + numRuns * 500;

const costOf = ({ extensions }: Answer) => {
  const { calls = 0, asOf = null } = extensions?.enviaai ?? {};
  return { calls, asOf: asOf === null ? 0 : Date.parse(asOf) };
};

/** Sends random queries to both servers, and passes each pair of answers to `check`. */
async function compare(
  queries: fc.Arbitrary<Query>,
  check: (answers: AnswerPair, account: Account) => void,
) {
  const twins = await startTwins();
  const property = fc.asyncProperty(plansOf(queries), async ({ rows, steps }) => {
    const account = twins.open(rows);
    for (const step of steps) {
      const answers = await account.perform(step);
      if (answers) check(answers, account);
    }
  });
  await fc.assert(property, { numRuns, endOnFailure: true });
  return figure(twins.caching, 'enviaai_answers_reused_total');
}

test(
  'a reused list from its start equals a new one, at the same upstream calls',
  { timeout },
  async () => {
    const reused = await compare(listsOf(null, 'CONNECTING'), ({ cached, executed }, account) => {
      expect(cached.errors).toBeUndefined();
      expect(withoutCursors(cached)).toBe(withoutCursors(executed));
      expect(cached.extensions).toEqual(executed.extensions);
      const { cached: cachedCalls, executed: executedCalls } = account.calls();
      expect(cachedCalls).toBe(executedCalls);
    });
    expect(reused).toBeGreaterThan(numRuns);
  },
);

test(
  'a reused answer equals a new one of the same age, costs no more calls, and its rows are as old as it says',
  { timeout },
  async () => {
    const reused = await compare(anyQuery, ({ cached, executed }, account) => {
      expect(cached.errors).toEqual(executed.errors);
      const { asOf } = costOf(cached);
      if (asOf === costOf(executed).asOf)
        expect(withoutCursors(cached)).toBe(withoutCursors(executed));
      const { cached: cachedCalls, executed: executedCalls } = account.calls();
      expect(cachedCalls, 'calls').toBeLessThanOrEqual(executedCalls);
      for (const [, id = '', status = ''] of cached.text.matchAll(
        /"id":"([^"]*)"(?:,"name":"[^"]*")?,"status":"([^"]*)"/g,
      )) {
        expect(account.hadStatus(id, status, asOf), `${id} ${status}`).toBe(true);
      }
    });
    expect(reused).toBeGreaterThan(numRuns);
  },
);
