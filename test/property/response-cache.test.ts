import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { figure } from '#test/support/budget/figure.ts';
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
const questions: fc.Arbitrary<Query> = fc.oneof(
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
const plansOf = (asked: fc.Arbitrary<Query>) =>
  fc.record({
    rows: fc.constantFrom(5, 30, 130, 240),
    steps: fc.array(
      fc.oneof(
        {
          weight: 6,
          arbitrary: fc.record({
            do: fc.constant('ask' as const),
            what: asked,
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

// The same each time; more, and others, by hand: REUSES=2000 REUSES_SEED=$RANDOM npx vitest run test/reuse/property
const runs = Number(process.env['REUSES'] ?? 15);
const seed = Number(process.env['REUSES_SEED'] ?? 20_260_101);
const timeout = 60_000 + runs * 500;

const costOf = ({ extensions }: Answer) => {
  const { calls = 0, asOf = null } = extensions?.enviaai ?? {};
  return { calls, asOf: asOf === null ? 0 : Date.parse(asOf) };
};

/** Both are asked all along; what they answered has to hold. */
async function compare(
  asked: fc.Arbitrary<Query>,
  holds: (asked: AnswerPair, account: Account) => void,
) {
  const twins = await startTwins();
  const property = fc.asyncProperty(plansOf(asked), async ({ rows, steps }) => {
    const account = twins.open(rows);
    for (const step of steps) {
      const answers = await account.perform(step);
      if (answers) holds(answers, account);
    }
  });
  await fc.assert(property, { numRuns: runs, seed, endOnFailure: true });
  return figure(twins.caching, 'enviaai_answers_reused_total');
}

test(
  'lists that are served again from their start are those that would be made, at the same calls',
  { timeout },
  async () => {
    const reused = await compare(listsOf(null, 'CONNECTING'), ({ cached, executed }, account) => {
      expect(cached.errors).toBeUndefined();
      expect(withoutCursors(cached)).toBe(withoutCursors(executed));
      expect(cached.extensions).toEqual(executed.extensions);
      const { cached: cachedCalls, executed: executedCalls } = account.calls();
      expect(cachedCalls).toBe(executedCalls);
    });
    expect(reused).toBeGreaterThan(runs);
  },
);

test(
  'whatever is asked by id, by cursor and from the end, an answer is as made where it is as old, at no more calls, and no row in it is older',
  { timeout },
  async () => {
    const reused = await compare(questions, ({ cached, executed }, account) => {
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
    expect(reused).toBeGreaterThan(runs);
  },
);
