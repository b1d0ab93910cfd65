import { type Composer, compose } from './compose.ts';
import { startConversations } from './conversations.ts';
import { startGateway } from './gateway.ts';
import type { Served } from './listen.ts';

export interface SupergraphOptions {
  /** Where the instances are served: this project's server. */
  readonly instancesUrl: string;
  /** The instances that there are conversations with. */
  readonly instanceIds: readonly string[];
  readonly composer?: Composer;
  /** Of the gateway. Default: a free one. */
  readonly port?: number;
}

/** The second subgraph, and a gateway over both. */
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
