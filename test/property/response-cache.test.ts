import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { figure } from '#test/support/budget/figure.ts';
import { runs } from '#test/support/random/random-runs.ts';
import type { Answer } from '#test/support/start.ts';
import { placeless } from '#test/support/response-cache/reusing.ts';
import {
  type Account,
  type Asked,
  type Question,
  startTwins,
  type Step,
} from '#test/support/response-cache/twins.ts';

const row = fc.integer({ min: 0, max: 3 });
const listsOf = (...statuses: (string | null)[]): fc.Arbitrary<Question> =>
  fc.record({
    kind: fc.constant('list'),
    first: fc.constantFrom(2, 100),
    status: fc.constantFrom(...statuses),
  });
const anyQuestion: fc.Arbitrary<Question> = fc.oneof(
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
const plansOf = (questions: fc.Arbitrary<Question>) =>
  fc.record({
    rows: fc.constantFrom(5, 30, 130, 240),
    steps: fc.array(
      fc.oneof(
        {
          weight: 6,
          arbitrary: fc.record({
            do: fc.constant('ask' as const),
            what: questions,
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
  questions: fc.Arbitrary<Question>,
  check: (answers: Asked, account: Account) => void,
) {
  const twins = await startTwins();
  const property = fc.asyncProperty(plansOf(questions), async ({ rows, steps }) => {
    const account = twins.open(rows);
    for (const step of steps) {
      const answers = await account.take(step);
      if (answers) check(answers, account);
    }
  });
  await fc.assert(property, { numRuns, endOnFailure: true });
  return figure(twins.reusing, 'enviaai_answers_reused_total');
}

test(
  'a reused list from its start equals a new one, at the same upstream calls',
  { timeout },
  async () => {
    const reused = await compare(listsOf(null, 'CONNECTING'), ({ reused, made }, account) => {
      expect(reused.errors).toBeUndefined();
      expect(placeless(reused)).toBe(placeless(made));
      expect(reused.extensions).toEqual(made.extensions);
      const { reusing, making } = account.calls();
      expect(reusing).toBe(making);
    });
    expect(reused).toBeGreaterThan(numRuns);
  },
);

test(
  'a reused answer equals a new one of the same age, costs no more calls, and its rows are as old as it says',
  { timeout },
  async () => {
    const reused = await compare(anyQuestion, ({ reused, made }, account) => {
      expect(reused.errors).toEqual(made.errors);
      const { asOf } = costOf(reused);
      if (asOf === costOf(made).asOf) expect(placeless(reused)).toBe(placeless(made));
      const { reusing, making } = account.calls();
      expect(reusing, 'calls').toBeLessThanOrEqual(making);
      for (const [, id = '', status = ''] of reused.text.matchAll(
        /"id":"([^"]*)"(?:,"name":"[^"]*")?,"status":"([^"]*)"/g,
      )) {
        expect(account.wasSo(id, status, asOf), `${id} ${status}`).toBe(true);
      }
    });
    expect(reused).toBeGreaterThan(numRuns);
  },
);
