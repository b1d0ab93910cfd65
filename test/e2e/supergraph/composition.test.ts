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
    const fields = Object.keys(graph.getQueryType()?.getFields() ?? {});
    expect(fields).toEqual(expect.arrayContaining(['conversations', 'instance', 'instances']));
    for (const shared of ['node', 'nodes', 'rateLimit']) expect(fields).not.toContain(shared);
  });
});
