import { request } from 'node:http';

/** Resolves with the status of the response. Null: there was none. */
export function postJson(
  url: string,
  body: string,
  {
    headers,
    signal,
  }: { readonly headers: Readonly<Record<string, string>>; readonly signal: AbortSignal },
): Promise<number | null> {
  return new Promise((resolve) => {
    request(
      url,
      {
        method: 'POST',
        // A connection for each delivery, so that none stays open.
        agent: false,
        signal,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          ...headers,
        },
      },
      (response) => {
        response.on('error', () => {});
        response.resume();
        resolve(response.statusCode ?? null);
      },
    )
      .on('error', () => resolve(null))
      .end(body);
  });
}
