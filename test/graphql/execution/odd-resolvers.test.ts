import { hash } from 'node:crypto';
import * as fc from 'fast-check';
import {
  buildSchema,
  getNamedType,
  getNullableType,
  GraphQLError,
  type GraphQLOutputType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  type ResponsePath,
  validate,
} from 'graphql';
import { expect, test } from 'vitest';
import { Failure } from '#src/domain/failure.ts';
import { both } from './both.ts';
import { randomDocument, randomOf } from './random-document.ts';

const schema = buildSchema(/* GraphQL */ `
  enum Color {
    RED
    BLUE
  }
  scalar Odd
  interface Named {
    name: String
    must: String!
  }
  union Any = Leaf | Tree
  type Leaf implements Named {
    name: String
    must: String!
    color: Color
    count: Int
    odd: Odd
  }
  type Tree implements Named {
    name: String
    must: String!
    shade: Color!
    number: Int!
    mustOdd: Odd!
    leaf: Leaf
    mustLeaf: Leaf!
    named: Named
    any: Any!
    leaves(first: Int = 3, color: Color): [Leaf]
    mustLeaves: [Leaf!]!
    names: [String!]
    rows: [[Int!]]
    anys: [Any!]
  }
  type Query {
    tree(a: Int = 3, b: String!): Tree
    mustTree: Tree!
    trees(ids: [Int!]): [Tree!]
    leaf: Leaf
    named: Named
  }
`);

/** What resolvers saw, in the order in which they were called. */
interface Context {
  readonly seed: number;
  readonly calls: string[];
}

for (const type of Object.values(schema.getTypeMap())) {
  if (type.name.startsWith('__')) continue;
  if (isAbstractType(type)) {
    type.resolveType = ({ kind, later }: { kind: string; later: boolean }, _, { fieldName }) => {
      if (fieldName === '') throw new Error('A resolver was told of no field');
      return later ? Promise.resolve(kind) : kind;
    };
  }
  if (!isObjectType(type)) continue;
  for (const field of Object.values(type.getFields())) {
    // Without a resolver, it is a property of what its parent gave.
    if (field.name === 'name') continue;
    field.resolve = (_, args, { seed, calls }: Context, info) => {
      const { path, parentType, returnType, variableValues, fieldNodes } = info;
      const known = [keysOf(path), parentType.name, args, variableValues, fieldNodes.length];
      calls.push(JSON.stringify(known));
      return madeUp(returnType, [seed, ...keysOf(path)].join(' '));
    };
  }
}

const keysOf = ({ prev, key }: ResponsePath): unknown[] => [...(prev ? keysOf(prev) : []), key];

/** Something that a resolver of this type could give, good or not: of equal seeds, the same. */
function madeUp(type: GraphQLOutputType, seed: string): unknown {
  const chance = randomOf(hash('sha1', seed, 'buffer').readInt32LE(0));
  const outcome = chance(24);
  if (outcome === 0) return null;
  if (outcome === 1) throw new Failure('malformed', 'The row cannot be read');
  if (outcome === 2) throw new GraphQLError('Not so', { extensions: { code: 'BAD_USER_INPUT' } });
  if (outcome === 3) return new Error('It is given, and not thrown');
  if (outcome === 4) return undefined;
  if (outcome === 5) return Promise.reject(new Failure('timeout', 'It took too long'));
  if (outcome === 6) return { kind: 'Leaf', not: 'what it should be' };
  const value = valueOf(type, seed, chance);
  return outcome < 11 ? afterTurns(chance(4), value) : value;
}

async function afterTurns(turns: number, value: unknown): Promise<unknown> {
  for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
  return value;
}

function valueOf(
  type: GraphQLOutputType,
  seed: string,
  chance: (below: number) => number,
): unknown {
  const inner = getNullableType(type);
  if (isListType(inner)) {
    // Where one that fails fails them all, all come later: the library forgets the promises beside one
    // that fails at once, and what they are rejected with is then nobody's.
    const later =
      isNonNullType(inner.ofType) && !isLeafType(getNamedType(inner)) ? true : chance(2) === 0;
    const items = Array.from({ length: chance(4) }, (_, index) => {
      const item = async () => madeUp(inner.ofType, `${seed}/${index}`);
      return later ? item() : valueOf(inner.ofType, `${seed}/${index}`, chance);
    });
    return chance(4) === 0 ? new Set(items) : items;
  }
  const scalars: Record<string, unknown> = {
    String: 'text',
    Int: [7, '7', 1.5, 'seven'][chance(4)],
    Color: ['RED', 'BLUE', 'BLUE', 'GREEN'][chance(4)],
    Odd: { any: ['thing', null] },
  };
  if (String(inner) in scalars) return scalars[String(inner)];
  const names = ['text', null, () => 'of a method', async () => 'later', 7, {}];
  const kind = isObjectType(inner) ? inner.name : ['Leaf', 'Tree'][chance(2)];
  return { kind, later: chance(3) === 0, name: names[chance(names.length)] };
}

const scalars = { Int: [0, 3, 7], String: ['', 'b'], Boolean: [true, false] };

test('whatever resolvers give, and whenever, a plan answers what the library does, and calls them in its order', async () => {
  let ran = 0;
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const asked = randomDocument(randomOf(seed), schema, scalars);
      fc.pre(validate(schema, parse(asked.text)).length === 0);
      const contexts: Context[] = [];
      const contextOf = () => {
        const context = { seed, calls: [] };
        contexts.push(context);
        return context;
      };

      const { planned, usual } = await both(schema, asked, contextOf);

      // Without a plan, a variable does not fit.
      if (planned === null) expect(usual).not.toContain('"data"');
      else {
        expect(planned).toBe(usual);
        expect(contexts[0]?.calls).toEqual(contexts[1]?.calls);
        ran += 1;
      }
    }),
    { endOnFailure: true, numRuns: 1000 },
  );
  expect(ran).toBeGreaterThan(500);
});
