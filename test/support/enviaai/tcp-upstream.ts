import { type AddressInfo, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { createEnviaai, type Enviaai, type EnviaaiOptions } from '#src/enviaai/client/instances.ts';

export interface TcpUpstream {
  readonly port: number;
  readonly enviaai: Enviaai;
  /** What each connection has received so far, in their order. */
  readonly received: () => string[];
}

/** A TCP server, and the REST client that calls it; both are closed after the test. */
export async function listenTcp(
  onConnection: (socket: Socket) => void,
  {
    protocol = 'http',
    timeoutMs = 5000,
    ...options
  }: Partial<EnviaaiOptions> & { readonly protocol?: string } = {},
): Promise<TcpUpstream> {
  const connections: { socket: Socket; text: string }[] = [];
  const server = createServer((socket) => {
    const connection = { socket, text: '' };
    connections.push(connection);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      connection.text += chunk.toString('latin1');
    });
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const baseUrl = new URL(`${protocol}://127.0.0.1:${port}/v1`);
  const enviaai = createEnviaai({ baseUrl, timeoutMs, ...options });
  onTestFinished(async () => {
    for (const { socket } of connections) socket.destroy();
    server.close();
    await enviaai.close();
  });
  return { port, enviaai, received: () => connections.map(({ text }) => text) };
}
