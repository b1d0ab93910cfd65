import { transformSupergraphToPublicSchema } from '@theguild/federation-composition';
import { buildASTSchema, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { compose, composerNames } from '#examples/supergraph/compose.ts';

describe.each(composerNames)('%s', (composer) => {
  test('composes the published subgraph with another that has a Relay node too', async () => {
    const { errors, supergraphSdl } = await compose(composer);
    expect(errors).toEqual([]);
    const graph = buildASTSchema(transformSupergraphToPublicSchema(parse(supergraphSdl)));
    // Not node, nodes and rateLimit: of those every subgraph has its own.
    expect(Object.keys(graph.getQueryType()?.getFields() ?? {}).toSorted()).toEqual([
      'conversations',
      'instance',
      'instances',
    ]);
  });
});
