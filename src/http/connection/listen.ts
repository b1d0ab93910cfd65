import type { Server } from 'node:http';

export interface Address {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

export interface Listening {
  /** The URL of the GraphQL endpoint for a client on this machine. */
  readonly url: string;
  readonly port: number;
}

/**
 * Connections that the system queues until they are accepted: after a deployment, all clients
 * reconnect.
 */
const backlog = 2048;

/** Resolves once the server listens. Rejects if the address cannot be used. */
export async function listen(server: Server, { host, port }: Address): Promise<Listening> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host, port, backlog }, () => {
    server.off('error', reject);
    resolve();
  });
  await promise;

  const address = server.address();
  const boundPort = typeof address === 'object' && address ? address.port : port;
  return { url: `http://${urlHostOf(host)}:${boundPort}/graphql`, port: boundPort };
}

function urlHostOf(host: string): string {
  if (['127.0.0.1', '::1', '0.0.0.0', '::'].includes(host)) return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
