import { readFile } from 'node:fs/promises';
import { composeServices as composeByApollo } from '@apollo/composition';
import { composeServices as composeByGuild } from '@theguild/federation-composition';
import { parse } from 'graphql';
import { conversationsSdl } from './conversations.ts';

/** Where the two subgraphs are served. */
export interface Urls {
  readonly instances: string;
  readonly conversations: string;
}

export interface Composed {
  readonly errors: readonly string[];
  readonly supergraphSdl: string;
}

export const composers = [
  { composer: '@apollo/composition', composeServices: composeByApollo },
  { composer: '@theguild/federation-composition', composeServices: composeByGuild },
];

/** The supergraph of the published subgraph and of another that has a Relay `node` too. */
export async function compose(
  { composeServices }: (typeof composers)[number],
  urls: Urls = { instances: 'http://instances', conversations: 'http://conversations' },
): Promise<Composed> {
  const published = await readFile('schema/subgraph.graphql', 'utf8');
  const { errors = [], supergraphSdl = '' } = composeServices([
    { name: 'instances', typeDefs: parse(published), url: urls.instances },
    { name: 'conversations', typeDefs: parse(conversationsSdl), url: urls.conversations },
  ]);
  return { errors: errors.map(({ message }) => message), supergraphSdl };
}
