import type { Server } from 'node:http';

export interface Address {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

export interface Listening {
  /** Where a client on this machine finds the endpoint. */
  readonly url: string;
  readonly port: number;
}

/** More than one screen's worth may connect in the same moment: after a deployment, all of them. */
const backlog = 2048;

export async function listen(server: Server, { host, port }: Address): Promise<Listening> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host, port, backlog }, () => {
    server.off('error', reject);
    resolve();
  });
  await promise;

  const address = server.address();
  const bound = typeof address === 'object' && address ? address.port : port;
  return { url: `http://${nameOf(host)}:${bound}/graphql`, port: bound };
}

function nameOf(host: string): string {
  if (['127.0.0.1', '::1', '0.0.0.0', '::'].includes(host)) return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
