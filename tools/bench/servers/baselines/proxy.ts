import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Pool } from 'undici';

/**
 * The minimum in front of the REST API: fetches the paths of an operation and forwards the bytes
 * unparsed. `/each?<path>&<path>…` fetches several paths in parallel and writes their responses one
 * after the other.
 */
export function createProxy(upstream: string): Server {
  const { origin, pathname } = new URL(upstream);
  const pool = new Pool(origin);
  const eachPath = '/each?';

  async function forward(path: string, authorization: string, response: ServerResponse) {
    const { statusCode, headers, body } = await pool.request({
      method: 'GET',
      path: `${pathname}${path}`,
      headers: { authorization },
    });
    response.writeHead(statusCode, {
      'content-type': String(headers['content-type']),
      'content-length': String(headers['content-length']),
    });
    await pipeline(body, response);
  }

  async function forwardEach(
    paths: readonly string[],
    authorization: string,
    response: ServerResponse,
  ) {
    const bodies = await Promise.all(
      paths.map(async (path) => {
        const headers = { authorization };
        const part = await pool.request({ method: 'GET', path: `${pathname}${path}`, headers });
        if (part.statusCode !== 200) response.statusCode = part.statusCode;
        return part.body.bytes();
      }),
    );
    for (const body of bodies) response.write(body);
    response.end();
  }

  async function handle(request: IncomingMessage, response: ServerResponse) {
    // The body is not used, but must be read: clients send the same request to all servers.
    request.resume();
    await once(request, 'end');
    const { url = '', headers } = request;
    const { authorization = '' } = headers;
    if (url.startsWith(eachPath)) {
      await forwardEach(url.slice(eachPath.length).split('&'), authorization, response);
    } else {
      await forward(url, authorization, response);
    }
  }

  return createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
}
