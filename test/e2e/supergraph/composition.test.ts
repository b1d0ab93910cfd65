import { readFile } from 'node:fs/promises';
import { transformSupergraphToPublicSchema } from '@theguild/federation-composition';
import { buildASTSchema, buildSchema, type GraphQLSchema, isObjectType, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { compose, composerNames } from '#examples/supergraph/compose.ts';

describe.each(composerNames)('%s', (composer) => {
  test('composes the published subgraph with another one that has a Relay node', async () => {
    const { errors, supergraphSdl } = await compose(composer);
    expect(errors).toEqual([]);
    const graph = buildASTSchema(transformSupergraphToPublicSchema(parse(supergraphSdl)));
    // Without node, nodes and rateLimit: they are inaccessible, because each subgraph has them.
    const fields = Object.keys(graph.getQueryType()?.getFields() ?? {});
    expect(fields).toEqual(expect.arrayContaining(['conversations', 'instance', 'instances']));
    for (const shared of ['node', 'nodes', 'rateLimit']) expect(fields).not.toContain(shared);
  });

  test('takes the mutations and subscriptions of the published subgraph as they are', async () => {
    const { supergraphSdl } = await compose(composer);
    const graph = buildASTSchema(transformSupergraphToPublicSchema(parse(supergraphSdl)));
    const published = buildSchema(await readFile('schema/schema.graphql', 'utf8'));
    for (const root of ['Mutation', 'Subscription']) {
      const fields = fieldsOf(graph, root);
      expect(fields).not.toEqual({});
      expect(fields).toEqual(fieldsOf(published, root));
    }
  });
});

/** The fields of a type, with their types and arguments. */
function fieldsOf(schema: GraphQLSchema, typename: string): Record<string, string[]> {
  const type = schema.getType(typename);
  if (!isObjectType(type)) throw new Error(`The schema has no type ${typename}`);
  return Object.fromEntries(
    Object.values(type.getFields()).map((field) => [
      field.name,
      [String(field.type), ...field.args.map((each) => `${each.name}: ${String(each.type)}`)],
    ]),
  );
}
