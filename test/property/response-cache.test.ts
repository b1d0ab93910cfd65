import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { figure } from '#test/support/budget/figure.ts';
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
const questions: fc.Arbitrary<Question> = fc.oneof(
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
const plansOf = (asked: fc.Arbitrary<Question>) =>
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
  asked: fc.Arbitrary<Question>,
  holds: (asked: Asked, account: Account) => void,
) {
  const twins = await startTwins();
  const property = fc.asyncProperty(plansOf(asked), async ({ rows, steps }) => {
    const account = twins.open(rows);
    for (const step of steps) {
      const answers = await account.take(step);
      if (answers) holds(answers, account);
    }
  });
  await fc.assert(property, { numRuns: runs, seed, endOnFailure: true });
  return figure(twins.reusing, 'enviaai_answers_reused_total');
}

test(
  'lists that are served again from their start are those that would be made, at the same calls',
  { timeout },
  async () => {
    const reused = await compare(listsOf(null, 'CONNECTING'), ({ reused, made }, account) => {
      expect(reused.errors).toBeUndefined();
      expect(placeless(reused)).toBe(placeless(made));
      expect(reused.extensions).toEqual(made.extensions);
      const { reusing, making } = account.calls();
      expect(reusing).toBe(making);
    });
    expect(reused).toBeGreaterThan(runs);
  },
);

test(
  'whatever is asked by id, by cursor and from the end, an answer is as made where it is as old, at no more calls, and no row in it is older',
  { timeout },
  async () => {
    const reused = await compare(questions, ({ reused, made }, account) => {
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
    expect(reused).toBeGreaterThan(runs);
  },
);
