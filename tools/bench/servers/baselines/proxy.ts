import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import { type Dispatcher, Pool } from 'undici';

/**
 * The minimum in front of the REST API: streams the bytes of a call to the client, unparsed and
 * without a buffer in between. `/each?<path>&<path>…` fetches several paths in parallel and writes
 * their responses one after the other.
 */
export function createProxy(upstream: string): Server {
  const { origin, pathname } = new URL(upstream);
  const pool = new Pool(origin);
  const eachPath = '/each?';

  async function forward(request: IncomingMessage, response: ServerResponse) {
    await pool.stream(callOf(request), ({ statusCode, headers }) => {
      response.writeHead(statusCode, {
        'content-type': String(headers['content-type']),
        'content-length': String(headers['content-length']),
      });
      return response;
    });
  }

  function callOf(request: IncomingMessage): Dispatcher.RequestOptions {
    const { method, url, headers } = request;
    const { authorization = '' } = headers;
    const path = `${pathname}${url}`;
    if (method === 'GET') return { method, path, headers: { authorization } };
    const { 'content-type': contentType = '', 'content-length': contentLength = '' } = headers;
    return {
      method: 'PATCH',
      path,
      headers: { authorization, 'content-type': contentType, 'content-length': contentLength },
      body: request,
    };
  }

  async function forwardEach(
    paths: readonly string[],
    authorization: string,
    response: ServerResponse,
  ) {
    const bodies = await Promise.all(
      paths.map(async (path) => {
        const headers = { authorization };
        const chunks: Buffer[] = [];
        await pool.stream({ method: 'GET', path: `${pathname}${path}`, headers }, (part) => {
          if (part.statusCode !== 200) response.statusCode = part.statusCode;
          return collecting(chunks);
        });
        return chunks;
      }),
    );
    response.end(Buffer.concat(bodies.flat()));
  }

  async function handle(request: IncomingMessage, response: ServerResponse) {
    const { url = '', headers } = request;
    if (url.startsWith(eachPath)) {
      const paths = url.slice(eachPath.length).split('&');
      await forwardEach(paths, headers.authorization ?? '', response);
    } else {
      await forward(request, response);
    }
  }

  return createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
}

const collecting = (chunks: Buffer[]): Writable =>
  new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(chunk);
      done();
    },
  });
