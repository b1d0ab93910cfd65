import { type Composer, compose } from './compose.ts';
import { startConversations } from './conversations.ts';
import { startGateway } from './gateway.ts';
import type { Served } from './listen.ts';

export interface SupergraphOptions {
  /** The GraphQL endpoint of this project's server. */
  readonly instancesUrl: string;
  /** Instances that have a conversation. */
  readonly instanceIds: readonly string[];
  readonly composer?: Composer;
  /** Port of the gateway (default: any free port). */
  readonly port?: number;
}

/** Starts the second subgraph, and a gateway in front of both. */
export async function startSupergraph(options: SupergraphOptions): Promise<Served> {
  const { instancesUrl, instanceIds, composer = '@apollo/composition', port } = options;
  const conversations = await startConversations(instanceIds);
  try {
    const urls = { instances: instancesUrl, conversations: conversations.url };
    const { errors, supergraphSdl } = await compose(composer, urls);
    if (errors.length > 0) throw new Error(errors.join('\n'));
    const gateway = await startGateway(supergraphSdl, port);
    return {
      url: gateway.url,
      async close() {
        await gateway.close();
        await conversations.close();
      },
    };
  } catch (error) {
    await conversations.close();
    throw error;
  }
}
