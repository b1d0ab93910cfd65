import { buildSchema } from 'graphql';
import { expect, test } from 'vitest';
import { createSubgraphSchema } from '#src/graphql/schema.ts';
import { checkUpstreamCosts, free, upstreamCostOf } from '#src/graphql/upstream-cost.ts';

test('each root field of the served schema declares its upstream cost', () => {
  const schema = createSubgraphSchema();
  expect(() => checkUpstreamCosts(schema)).not.toThrow();
  const fields = Object.entries(schema.getQueryType()?.getFields() ?? {});
  const freeFields = fields.filter(([, field]) => upstreamCostOf(field) === free);
  const names = freeFields.map(([name]) => name);
  expect(names).toEqual(expect.arrayContaining(['_service', 'rateLimit']));
  for (const priced of ['instance', 'instances', 'node', 'nodes', '_entities']) {
    expect(names).not.toContain(priced);
  }
  expect(fields.length).toBeGreaterThan(freeFields.length);
});

test('a schema with a root field without a cost is refused, for each root type', () => {
  const schema = buildSchema(`
    type Query { read: Int free: Int }
    type Mutation { write: Int }
    type Subscription { watch: Int }
  `);
  const declare = (type: 'Query' | 'Mutation', field: string, upstreamCost: unknown) => {
    const root = type === 'Query' ? schema.getQueryType() : schema.getMutationType();
    root!.getFields()[field]!.extensions = { upstreamCost };
  };
  declare('Query', 'free', free);
  declare('Mutation', 'write', 1);
  expect(() => checkUpstreamCosts(schema)).toThrow(
    'Root fields without an upstream cost: Query.read, Mutation.write, Subscription.watch.',
  );
});
