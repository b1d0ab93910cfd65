import * as fc from 'fast-check';
import { parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { worstCalls } from '#src/graphql/complexity/worst-calls.ts';
import { worstOfAny } from '#src/graphql/complexity/worst-of-any.ts';
import { createSubgraphSchema } from '#src/graphql/schema.ts';

const schema = createSubgraphSchema();
const ids = 30;
const costFor = (text: string, instances: number) =>
  worstOfAny(parse(text), { schema, instances, ids }).calls;

const definitions = {
  first: 'Int',
  last: 'Int = 7',
  after: 'String',
  before: 'String',
  status: 'InstanceStatusFilter',
  x: 'Boolean!',
  y: 'Boolean = false',
  id: 'ID!',
  list: '[ID!]!',
  of: '[_Any!]!',
};

const fields = [
  'instances(first: $first, after: $after, status: $status) { totalCount }',
  'instances(last: $last, before: $before) { totalCount }',
  'instances(first: $first, after: $after, last: $last, before: $before) { nodes { id @skip(if: $x) } }',
  'instances(last: 3, status: $status) { totalCount }',
  'instances(status: CONNECTED, first: 5, after: $after) { totalCount }',
  'instances { totalCount }',
  'instance(id: $id) { id }',
  'nodes(ids: $list) { id }',
  'nodes(ids: ["a", "b", $id]) { id }',
  '_entities(representations: $of) { __typename }',
];
const conditions = ['', '@include(if: $x)', '@skip(if: $x)', '@include(if: $y)', '@skip(if: $y)'];

const sampleIds = fc.array(
  fc.nat(60).map((at) => `i${at}`),
  { maxLength: ids },
);
const variables = fc.record(
  {
    first: fc.constantFrom(null, 1, 10, 11, 100),
    last: fc.constantFrom(null, 1, 10, 11, 100),
    after: fc.constantFrom(null, 'p', 'q'),
    before: fc.constantFrom(null, 'p', 'q'),
    status: fc.constantFrom(null, 'CONNECTED', 'CONNECTING', 'DISCONNECTED'),
    x: fc.boolean(),
    y: fc.boolean(),
    id: fc.constantFrom('a', 'i1', ''),
    list: sampleIds,
    of: sampleIds.map((all) => all.map((id) => ({ __typename: 'Instance', id }))),
  },
  { requiredKeys: ['x', 'id', 'list', 'of'] },
);
const selections = fc.array(fc.tuple(fc.constantFrom(...fields), fc.constantFrom(...conditions)), {
  minLength: 1,
  maxLength: 5,
});

test('no variables make an operation cost more than computed', () => {
  fc.assert(
    fc.property(
      selections,
      fc.array(variables, { minLength: 5, maxLength: 10 }),
      fc.constantFrom(3, 150, 1000),
      (chosen, sent, instances) => {
        const text = operationOf(chosen);
        expect(validate(schema, parse(text))).toEqual([]);
        const computed = costFor(text, instances);
        for (const variables of sent) {
          const { calls } = worstCalls({ schema, document: parse(text), variables }, { instances });
          expect(calls, `${text} ${JSON.stringify(variables)}`).toBeLessThanOrEqual(computed);
        }
      },
    ),
    { numRuns: 200, seed: 1 },
  );
});

test('a condition on a variable with a default counts both ways', () => {
  const text = 'query ($y: Boolean = false) { instances @include(if: $y) { totalCount } }';
  expect(costFor(text, 1000)).toBe(1);
});

/** Declares the variables that the fields use, and no others. */
function operationOf(chosen: readonly (readonly [string, string])[]): string {
  const body = chosen
    .map(([field, condition], at) => `f${at}: ${field.replace(/ \{/, ` ${condition} {`)}`)
    .join(' ');
  const used = Object.entries(definitions).filter(([name]) =>
    new RegExp(`\\$${name}\\b`).test(body),
  );
  const given = used.map(([name, type]) => `$${name}: ${type}`).join(', ');
  return `query ${given && `(${given})`} { ${body} }`;
}
