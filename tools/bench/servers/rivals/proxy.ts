import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Pool } from 'undici';

/**
 * The least that can stand before the REST API: it fetches the pages that an operation needs, and
 * passes their bytes on without looking at them. `/each?<path>&<path>…` fetches several at once and
 * writes their answers one after the other.
 */
export function createProxy(upstream: string): Server {
  const { origin, pathname } = new URL(upstream);
  const pool = new Pool(origin);
  const each = '/each?';

  async function pass(path: string, authorization: string, response: ServerResponse) {
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

  async function passEach(
    paths: readonly string[],
    authorization: string,
    response: ServerResponse,
  ) {
    const bodies = await Promise.all(
      paths.map(async (path) => {
        const headers = { authorization };
        const answer = await pool.request({ method: 'GET', path: `${pathname}${path}`, headers });
        if (answer.statusCode !== 200) response.statusCode = answer.statusCode;
        return answer.body.bytes();
      }),
    );
    for (const body of bodies) response.write(body);
    response.end();
  }

  async function answer(request: IncomingMessage, response: ServerResponse) {
    // It needs nothing of it, but it is there: who asks writes the same to all servers.
    request.resume();
    await once(request, 'end');
    const { url = '', headers } = request;
    const { authorization = '' } = headers;
    if (url.startsWith(each)) {
      await passEach(url.slice(each.length).split('&'), authorization, response);
    } else {
      await pass(url, authorization, response);
    }
  }

  return createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
}
