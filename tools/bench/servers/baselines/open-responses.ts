import { createServer, type Server, type ServerResponse } from 'node:http';

export interface OpenResponses {
  readonly server: Server;
  /** Writes the same bytes to each client. */
  readonly broadcast: (text: string) => void;
}

/** The minimum for streams: `node:http` keeps a response open for each client. */
export function createOpenResponses(firstEvent: string): OpenResponses {
  const responses = new Set<ServerResponse>();
  const first = Buffer.from(firstEvent);
  const server = createServer((request, response) => {
    request.resume();
    request.once('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(first);
      responses.add(response);
      response.once('close', () => responses.delete(response));
    });
  });
  // Above the interval of the broadcasts.
  server.timeout = 60_000;
  return {
    server,
    broadcast(text) {
      const bytes = Buffer.from(text);
      for (const response of responses) response.write(bytes);
    },
  };
}
