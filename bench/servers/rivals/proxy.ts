import { createServer, type Server, type ServerResponse } from 'node:http';
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
    await pool.stream(
      { method: 'GET', path: `${pathname}${path}`, headers: { authorization }, opaque: response },
      ({ statusCode, headers }) => {
        response.writeHead(statusCode, {
          'content-type': String(headers['content-type']),
          'content-length': String(headers['content-length']),
        });
        return response;
      },
    );
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

  return createServer((request, response) => {
    const { url = '', headers } = request;
    const { authorization = '' } = headers;
    const done = url.startsWith(each)
      ? passEach(url.slice(each.length).split('&'), authorization, response)
      : pass(url, authorization, response);
    done.catch(() => response.destroy());
  });
}
