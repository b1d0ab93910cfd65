import { transformSupergraphToPublicSchema } from '@theguild/federation-composition';
import { buildASTSchema, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { compose, composerNames } from '#examples/supergraph/compose.ts';

describe.each(composerNames)('%s', (composer) => {
  test('composes the published subgraph with another one that has a Relay node', async () => {
    const { errors, supergraphSdl } = await compose(composer);
    expect(errors).toEqual([]);
    const graph = buildASTSchema(transformSupergraphToPublicSchema(parse(supergraphSdl)));
    // Without node, nodes and rateLimit: they are inaccessible, because each subgraph has them.
    expect(Object.keys(graph.getQueryType()?.getFields() ?? {}).toSorted()).toEqual([
      'conversations',
      'instance',
      'instances',
    ]);
  });
});
