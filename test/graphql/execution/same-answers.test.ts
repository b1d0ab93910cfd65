import * as fc from 'fast-check';
import { parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { createHotDocuments } from '#src/graphql/execution/hot-documents.ts';
import { createSubgraphSchema } from '#src/graphql/schema.ts';
import { createTestClock } from '#test/support/clock.ts';
import { start } from '#test/support/start.ts';
import { randomDocument, randomOf } from './random-document.ts';

const schema = createSubgraphSchema();

const oddRows = [
  { name: null },
  { id: 'inst_odd1', createdAt: 'yesterday', lastSeenAt: 'never', profilePicUrl: 'no url' },
  { id: 'inst_odd2', webhookUrl: 'ftp://x', settings: null, phone: null, status: 'banned' },
  { id: 'inst_odd3', settings: { autoRead: 'perhaps' }, createdAt: null, lastSeenAt: 7 },
  { id: 'inst_odd4', name: {}, status: null },
  { id: 7, name: 'A number for an id' },
];

const ids = [
  'inst_abc123',
  'inst_def456',
  'inst_odd1',
  'inst_odd2',
  'inst_odd4',
  'inst_none',
  'no id',
  '',
];
const scalars = {
  Int: [1, 2, 7, 100, 0, -1, 101],
  String: ['', 'x', 'no cursor'],
  ID: [...ids, 7],
  Boolean: [true, false],
  _Any: [
    ...ids.map((id) => ({ __typename: 'Instance', id })),
    { __typename: 'Campaign', id: 'c1' },
    { __typename: 'Instance' },
    'no object',
  ],
};

async function startOne(runsBefore: number) {
  const clock = createTestClock();
  const server = await start({
    clock,
    instances: 12,
    ratePerMinute: 100_000,
    env: { MAX_UPSTREAM_CALLS: '1000000' },
    runnerOf: createHotDocuments(runsBefore),
  });
  for (const [at, instance] of oddRows.entries()) {
    server.sandbox.control.add({ key: 'test', instance, at });
  }
  return { ...server, clock };
}

test('whatever is asked, an answer by a plan is the usual one to the byte, and costs the same calls', async () => {
  const planned = await startOne(0);
  const usual = await startOne(Infinity);
  let ran = 0;

  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const { text, variables } = randomDocument(randomOf(seed), schema, scalars);
      fc.pre(validate(schema, parse(text)).length === 0);
      for (const { clock } of [planned, usual]) clock.advance(60_000);

      const [one, other] = await Promise.all([
        planned.query(text, variables),
        usual.query(text, variables),
      ]);
      expect({ status: one.status, text: one.text }).toEqual({
        status: other.status,
        text: other.text,
      });
      expect(planned.calls()).toEqual(usual.calls());
      ran += 1;
    }),
    // A seed has no smaller one: what it makes is found by it, and not by shrinking.
    { endOnFailure: true, numRuns: 150 },
  );
  expect(ran).toBeGreaterThan(100);
});
