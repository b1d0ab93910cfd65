import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { figure } from '#test/support/budget/figure.ts';
import { createTestClock } from '#test/support/clock.ts';
import { type Gated, startGated } from '#test/support/freshness/gate.ts';
import { runs } from '#test/support/random/random-runs.ts';
import { noCache } from '#test/support/response-cache/caching-server.ts';

const statuses = ['connected', 'disconnected', 'connecting'] as const;
type Status = (typeof statuses)[number];

const row = '{ id status }';
/** Operations of one call, of two at the same time, and of several one after the other. */
const documents = [
  `query { instances(first: 2) { nodes ${row} } }`,
  `query { instances(first: 2) { nodes ${row} } some: instances(status: CONNECTING, first: 2) { nodes ${row} } }`,
  `query ($far: ID!) { instances(first: 2) { nodes ${row} } far: instance(id: $far) ${row} }`,
];

type Step =
  | { readonly do: 'ask'; readonly document: number; readonly noCache: boolean }
  | { readonly do: 'answer'; readonly index: number }
  | { readonly do: 'set'; readonly row: number; readonly to: Status }
  | { readonly do: 'wait'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      document: fc.nat(documents.length - 1),
      noCache: fc.constantFrom(false, false, false, true),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('answer' as const), index: fc.nat(2) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('set' as const),
      row: fc.nat(2),
      to: fc.constantFrom(...statuses),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(300, 900, 2001),
    }),
  },
);

/** An account on a gated server: what its rows were, and the answers to what was asked. */
function openAccount(server: Gated, clock: ReturnType<typeof createTestClock>, key: string) {
  const { control } = server.sandbox;
  const added = control.add({ key, count: 150, at: 0 }).added.map(({ id }) => String(id));
  // The first two, and one of the second page.
  const ids = [added[0] ?? '', added[1] ?? '', added[120] ?? ''];
  const history: { readonly at: number; readonly id: string; readonly status: string }[] = [];
  const set = (index: number, status: Status) => {
    const id = ids[index] ?? '';
    control.status({ key, id, status });
    history.push({ at: clock.now(), id, status: status.toUpperCase() });
  };
  for (const index of ids.keys()) set(index, 'connected');

  /** Whether a row had a status at some time since a change, or since a moment. */
  const hadStatus = (id: string, status: string, since: (change: number) => boolean) => {
    const changes = history.flatMap((change, index) =>
      change.id === id ? [{ change, index }] : [],
    );
    return changes.some(({ change }, at) => {
      const next = changes[at + 1];
      return change.status === status && (!next || since(next.index));
    });
  };

  /** Asks, and returns the mistakes of the answer. */
  async function ask(document: number, freshMs: number) {
    const changesBefore = history.length;
    const askedAt = clock.now();
    const headers = { authorization: `Bearer ${key}`, ...(freshMs === 0 && noCache) };
    const variables = document === 2 ? { far: ids[2] } : {};
    const answer = await server.query(documents[document] ?? '', variables, headers);
    const isVisible = (change: number) =>
      change >= changesBefore || (history[change]?.at ?? 0) >= askedAt - freshMs;
    const isWrong = ([, id = '', status = '']: RegExpExecArray) =>
      ids.includes(id) &&
      !hadStatus(id, status, freshMs === 0 ? (change) => change >= changesBefore : isVisible);
    const shown = [...answer.text.matchAll(/"id":"([^"]*)","status":"([^"]*)"/g)];
    return {
      errors: answer.errors,
      calls: answer.extensions?.enviaai?.calls ?? 0,
      wrong: shown.filter(isWrong).map(([text]) => text),
    };
  }
  return { set, ask, calls: () => server.calls(key).length };
}

const numRuns = runs(25);

test.for(['0', '2000'])(
  'with FRESH_MS=%s, whoever shares an execution sees no row older than by a read of its own, and each call is reported once',
  { timeout: 60_000 + numRuns * 2000 },
  async (freshMs) => {
    const clock = createTestClock();
    const server = await startGated({
      clock,
      // Nothing stale, so that an operation is never answered before its call.
      env: { FRESH_MS: freshMs, STALE_MS: '0', LOG_LEVEL: 'silent' },
      ratePerMinute: 100_000,
    });
    let accounts = 0;
    const property = fc.asyncProperty(
      fc.array(step, { minLength: 15, maxLength: 40 }),
      async (steps) => {
        const account = openAccount(server, clock, `key-${(accounts += 1)}`);
        const asking: ReturnType<typeof account.ask>[] = [];
        server.shut();
        for (const each of steps) {
          if (each.do === 'ask') {
            asking.push(account.ask(each.document, each.noCache ? 0 : Number(freshMs)));
          } else if (each.do === 'answer')
            server.answerOne(Math.min(each.index, server.held() - 1));
          else if (each.do === 'set') account.set(each.row, each.to);
          else clock.advance(each.ms);
          // What was sent before this has arrived when this is answered.
          await fetch(new URL('/healthz', server.url));
        }
        server.open();
        const answers = await Promise.all(asking);
        for (const { errors, wrong } of answers) {
          expect(errors).toBeUndefined();
          expect(wrong).toEqual([]);
        }
        const reported = answers.reduce((sum, { calls }) => sum + calls, 0);
        expect(reported).toBe(account.calls());
      },
    );
    await fc.assert(property, { numRuns, endOnFailure: true });
    expect(await figure(server, 'enviaai_operations_joined_total')).toBeGreaterThan(numRuns);
  },
);
