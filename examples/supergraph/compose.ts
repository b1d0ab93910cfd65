import { readFile } from 'node:fs/promises';
import { composeServices as composeByApollo } from '@apollo/composition';
import { composeServices as composeByGuild } from '@theguild/federation-composition';
import { parse } from 'graphql';
import { conversationsSdl } from './conversations.ts';

/** The URLs of the two subgraphs. */
export interface Urls {
  readonly instances: string;
  readonly conversations: string;
}

export interface Composed {
  readonly errors: readonly string[];
  readonly supergraphSdl: string;
}

export const composerNames = ['@apollo/composition', '@theguild/federation-composition'] as const;

/**
 * Every router reads the supergraph of either: the first is GraphOS's composer, the second Hive's.
 */
export type Composer = (typeof composerNames)[number];

const composers = {
  '@apollo/composition': composeByApollo,
  '@theguild/federation-composition': composeByGuild,
} satisfies Record<Composer, unknown>;

/** Composes the supergraph of the published subgraph and the conversations. */
export async function compose(
  composer: Composer,
  urls: Urls = { instances: 'http://instances', conversations: 'http://conversations' },
): Promise<Composed> {
  const published = new URL('../../schema/subgraph.graphql', import.meta.url);
  const { errors = [], supergraphSdl = '' } = composers[composer]([
    { name: 'instances', typeDefs: parse(await readFile(published, 'utf8')), url: urls.instances },
    { name: 'conversations', typeDefs: parse(conversationsSdl), url: urls.conversations },
  ]);
  return { errors: errors.map(({ message }) => message), supergraphSdl };
}
