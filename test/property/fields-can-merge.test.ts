import { assert, infiniteStream, nat, property } from 'fast-check';
import {
  buildSchema,
  OverlappingFieldsCanBeMergedRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { expect, test } from 'vitest';
import { fieldsCanMerge } from '#src/graphql/document/fields-can-merge.ts';

const schema = buildSchema(/* GraphQL */ `
  interface N {
    id: ID!
    n(a: Int, b: [Int]): N
    x: Int
  }
  type A implements N {
    id: ID!
    n(a: Int, b: [Int]): N
    x: Int
    y: String
    l: [A]
    u: U
    s: String!
    o: A
  }
  type B implements N {
    id: ID!
    n(a: Int, b: [Int]): N
    x: Int
    y: Int
    l: [B!]
    u: U
    s: String
    o: B
  }
  type C {
    id: ID!
    y: [String]
    o: B
    u: U
  }
  union U = A | B | C
  type Query {
    a: A
    b: B
    c: C
    n: N
    u: U
  }
`);

/** The fields of each type: null for a leaf, else the type of the field. */
const fields: Readonly<Record<string, Readonly<Record<string, string | null>>>> = {
  Query: { a: 'A', b: 'B', c: 'C', n: 'N', u: 'U' },
  N: { id: null, n: 'N', x: null },
  A: { id: null, n: 'N', x: null, y: null, l: 'A', u: 'U', s: null, o: 'A' },
  B: { id: null, n: 'N', x: null, y: null, l: 'B', u: 'U', s: null, o: 'B' },
  C: { id: null, y: null, o: 'B', u: 'U' },
  U: { __typename: null },
};
const conditions: Readonly<Record<string, readonly string[]>> = {
  Query: ['Query'],
  N: ['N', 'A', 'B', 'U'],
  A: ['A', 'N', 'U'],
  B: ['B', 'N', 'U'],
  C: ['C', 'U'],
  U: ['A', 'B', 'C', 'N', 'U'],
};
const fragmentTypes = ['A', 'B', 'C', 'N', 'U'];
const argumentTexts = [
  '',
  '(a: 1)',
  '(a: 2)',
  '(a: 1, b: [1, 2])',
  '(b: [1, 2], a: 1)',
  '(b: [2, 1])',
];

/** A document with conflicts and without: `next(n)` chooses a number below n. */
function documentOf(next: (below: number) => number): string {
  const pick = <T>(items: readonly T[]): T => items[next(items.length)] as T;
  const setOf = (type: string, depth: number, spreadable: readonly number[]): string =>
    Array.from({ length: 1 + next(4) }, () => {
      const kind = next(10);
      if (kind < 2) {
        const condition = pick(conditions[type] ?? []);
        if (depth > 0) return `... on ${condition} { ${setOf(condition, depth - 1, spreadable)} }`;
      }
      const spreads = spreadable.filter((index) =>
        conditions[type]?.includes(fragmentTypes[index] ?? ''),
      );
      if (kind < 4 && spreads.length > 0) return `...F${pick(spreads)}`;
      const known = Object.entries(fields[type] ?? {});
      const usable = known.filter(([, below]) => depth > 0 || below === null);
      if (usable.length === 0) return '__typename';
      const [name, below] = pick(usable);
      const alias = next(4) === 0 ? `${pick(['x', 'y', 'o'])}: ` : '';
      const sent = name === 'n' ? pick(argumentTexts) : '';
      return `${alias}${name}${sent}${below === null ? '' : ` { ${setOf(below, depth - 1, spreadable)} }`}`;
    }).join(' ');
  const indexes = fragmentTypes.map((_, index) => index).slice(0, next(6));
  const fragments = indexes.map((index) => {
    const type = fragmentTypes[index] ?? '';
    return `fragment F${index} on ${type} { ${setOf(type, 2, indexes.slice(0, index))} }`;
  });
  return [`{ ${setOf('Query', 4, indexes)} }`, ...fragments].join(' ');
}

test('the rule about merging fields accepts the documents that graphql-js accepts, and no others', () => {
  const otherRules = specifiedRules.filter((rule) => rule !== OverlappingFieldsCanBeMergedRule);
  const seen = { valid: 0, conflict: 0 };
  assert(
    property(infiniteStream(nat(9999)), (numbers) => {
      const text = documentOf((below) => (numbers.next().value ?? 0) % below);
      const document = parse(text);
      if (validate(schema, document, otherRules).length > 0) return;
      const theirs = validate(schema, document, [OverlappingFieldsCanBeMergedRule]);
      // graphql-js gives up on documents that need too many comparisons.
      if (theirs.some(({ message }) => message === 'Validation aborted.')) return;
      const ours = validate(schema, document, [fieldsCanMerge(100_000)]);
      const expected = theirs.length > 0;
      seen[expected ? 'conflict' : 'valid'] += 1;
      expect([text, ours.length > 0]).toEqual([text, expected]);
    }),
    { numRuns: 1000 },
  );
  expect(Math.min(seen.valid, seen.conflict)).toBeGreaterThan(10);
});

test.each([
  ['{ a { x: y x: s } }', 'Fields "x" conflict because "y" and "s" are different fields.'],
  ['{ n { n(a: 1) { id } n(a: 2) { id } } }', 'they have differing arguments.'],
  ['{ u { ... on A { y } ... on B { y } } }', 'they return conflicting types "String" and "Int".'],
])('a conflict has one error, with its reason: %s', (text, reason) => {
  const errors = validate(schema, parse(text), [fieldsCanMerge(20_000)]);
  expect(errors).toHaveLength(1);
  expect(errors[0]?.message).toContain(reason);
  expect(errors[0]?.locations).toHaveLength(2);
});

test('a document whose merged selections are too many to compare is refused', () => {
  // Which fragments are merged at a place depends on the whole path to it.
  const levels = 14;
  const next = (level: number, salt: number) =>
    [0, 1, 2, 3, 4]
      .filter((index) => (level * 7 + salt * 5 + index * 3) % 11 < 4)
      .map((index) => `...F${level + 1}_${index}`)
      .join(' ');
  const fragments = Array.from({ length: levels * 5 }, (_, at) => {
    const [level, index] = [Math.floor(at / 5), at % 5];
    const below = ['a', 'b', 'c', 'd'].map(
      (alias, salt) => `${alias}: n { id ${next(level, salt + index * 4)} }`,
    );
    return `fragment F${level}_${index} on N { ${below.join(' ')} }`;
  });
  const last = [0, 1, 2, 3, 4].map((index) => `fragment F${levels}_${index} on N { id }`);
  const root = [0, 1, 2, 3, 4].map((index) => `...F0_${index}`).join(' ');
  const document = parse(`{ n { ${root} } } ${[...fragments, ...last].join(' ')}`);
  const errors = validate(schema, document, [fieldsCanMerge(5000)]);
  expect(errors.map(({ extensions }) => extensions)).toEqual([
    { code: 'LIMIT_EXCEEDED', limit: 'MAX_TOKENS' },
  ]);
});
