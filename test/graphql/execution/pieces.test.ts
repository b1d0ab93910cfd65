import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import {
  executeSync,
  GraphQLInt,
  GraphQLList,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  isObjectType,
  parse,
} from 'graphql';
import { expect, test } from 'vitest';
import { createHotDocuments } from '#src/graphql/execution/hot-documents.ts';
import { Earlier } from '#src/graphql/execution/pieces.ts';
import { writeAnswer, type Written } from '#src/graphql/execution/write.ts';
import { createSubgraphSchema } from '#src/graphql/schema.ts';

interface Thing {
  readonly name: string | null;
  readonly sizes: readonly number[];
}

let read = 0;
const inner = new GraphQLObjectType<Thing>({
  name: 'Inner',
  fields: { name: { type: GraphQLString }, sizes: { type: new GraphQLList(GraphQLInt) } },
});
const thing = new GraphQLObjectType<Thing>({
  name: 'Thing',
  extensions: { immutable: true },
  fields: {
    name: {
      type: GraphQLString,
      resolve({ name }) {
        read += 1;
        return name;
      },
    },
    inner: { type: inner, resolve: (source) => source },
  },
});
const edge = new GraphQLObjectType<Thing>({
  name: 'Edge',
  fields: {
    place: { type: GraphQLString, resolve: () => 'é"' },
    thing: { type: thing, resolve: (source) => source },
  },
});
const schema = new GraphQLSchema({
  query: new GraphQLObjectType<readonly Thing[]>({
    name: 'Query',
    fields: {
      things: { type: new GraphQLList(thing), resolve: (things) => things },
      first: { type: thing, resolve: ([first]) => first },
      edges: { type: new GraphQLList(edge), resolve: (things) => things },
      count: { type: GraphQLInt, resolve: ({ length }) => length },
    },
  }),
});

const documents = [
  '{ things { name inner { sizes } } }',
  '{ count things { inner { name } name } first { name } edges { place thing { name } } }',
  '{ edges { thing { name inner { name sizes } } place } again: things { name } count }',
].map((text) => parse(text));

const things = fc.array(
  fc
    .record({ name: fc.option(fc.string({ unit: 'binary' })), sizes: fc.array(fc.integer()) })
    .map((each) => Object.freeze(each)),
  { maxLength: 12 },
);

const runnerOf = createHotDocuments(0);

async function answer(
  document: (typeof documents)[number],
  rootValue: readonly Thing[],
  last?: Written,
): Promise<Written> {
  const run = runnerOf({ schema, document, rootValue });
  const earlier = last && new Earlier(last.body, last.pieces);
  const outcome = await run?.(earlier);
  return writeAnswer(outcome?.data ?? null, ',"tail":1}', earlier);
}

test('an answer that is put together from pieces of the one before it is the one that would be written anew', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...documents),
      fc.array(fc.tuple(things, fc.infiniteStream(fc.nat(99))), { minLength: 2, maxLength: 6 }),
      async (document, turns) => {
        let held: readonly Thing[] = [];
        let last: Written | undefined;
        for (const [added, dice] of turns) {
          const next = () => Number(dice.next().value);
          // Some stay, in their order or not, and some come in between.
          const stayed = held.filter(() => next() < 70);
          const mixed = [...stayed];
          for (const each of added) mixed.splice(next() % (mixed.length + 1), 0, each);
          held = next() < 15 ? mixed.toReversed() : mixed;
          last = await answer(document, held, last);
          const { data } = executeSync({ schema, document, rootValue: held });
          const text = `{"data":${JSON.stringify(data)}`;
          expect(last.body.toString()).toBe(`${text},"tail":1}`);
          expect(last.dataLength).toBe(Buffer.byteLength(text));
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('of a list in which one row changed, one is read and written; the others are copied', async () => {
  const [document = parse('{ count }')] = documents;
  const rows = Array.from({ length: 50 }, (_, at) => ({ name: `São ${at}`, sizes: [at] }));
  const last = await answer(document, rows);
  read = 0;
  const changed = rows.with(7, { name: 'longer than it was', sizes: [] });
  const { body, pieces } = await answer(document, changed, last);
  expect(read).toBe(1);
  expect(pieces).toHaveLength(50);
  // By numbers: what an answer was made from, and by which document, can go before it does.
  const kept = new Set(pieces.flatMap((piece) => Object.values(piece).map((part) => typeof part)));
  expect(kept).toEqual(new Set(['number']));
  expect(pieces.slice(0, 7)).toEqual(last.pieces.slice(0, 7));
  expect(JSON.parse(body.toString())).toMatchObject({
    data: { things: changed.map(({ name }) => ({ name })) },
  });
});

test('pieces are found also where they are asked for in another order, and hundreds of rows later', async () => {
  const [document = parse('{ count }')] = documents;
  const rows = Array.from({ length: 600 }, (_, at) => Object.freeze({ name: `${at}`, sizes: [] }));
  const last = await answer(document, rows);
  read = 0;
  const changed = rows.map((row, at) => (at < 130 ? { ...row } : row)).toReversed();
  const { body } = await answer(document, changed, last);
  expect(read).toBe(130);
  expect(JSON.parse(body.toString()).data.things.map(({ name }: Thing) => name)).toEqual(
    changed.map(({ name }) => name),
  );
});

test('an answer of megabytes, longer than what answers are written into, is written whole', async () => {
  const [document = parse('{ count }')] = documents;
  const rows = Array.from({ length: 20 }, () => ({ name: '☎'.repeat(100_000), sizes: [] }));
  const last = await answer(document, rows);
  const again = await answer(document, rows, last);
  expect(again.body.equals(last.body)).toBe(true);
  expect(JSON.parse(last.body.toString()).data.things[19].name).toBe(rows[19]?.name);
  expect((await answer(document, rows.slice(0, 1))).body.length).toBeLessThan(301_000);
});

test('what is asked of an instance hangs on nothing else: no field of it looks at the operation', () => {
  const untouched = new Proxy(
    {},
    {
      get: (_, name) => expect.unreachable(`${String(name)} of the operation`),
    },
  );
  const types = createSubgraphSchema().getTypeMap();
  const settings = { autoRead: true, autoTyping: false };
  const urls = { profilePicUrl: null, webhookUrl: 'https://example.com', webhookEvents: [] };
  const dates = { createdAt: null, lastSeenAt: null };
  const row = { id: 'inst_1', name: 'A', status: 'connected', settings, ...urls, ...dates };

  const looked = Object.entries({ Instance: row, InstanceSettings: { ...settings, ...urls } });
  for (const [name, source] of looked) {
    const type = types[name];
    assert(isObjectType(type));
    for (const { args, resolve = () => null } of Object.values(type.getFields())) {
      expect(args).toEqual([]);
      const value: unknown = Reflect.apply(resolve, undefined, [source, {}, untouched, untouched]);
      expect(value).not.toBeInstanceOf(Promise);
    }
  }
  const immutable = Object.values(types).filter(({ extensions }) => extensions['immutable']);
  expect(immutable.map(({ name }) => name)).toEqual(['Instance']);
});
