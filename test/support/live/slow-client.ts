import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { onTestFinished } from 'vitest';
import { type Arrival, eventStream, resultsOf } from './stream-client.ts';

/** A client of a stream that leaves its bytes in the socket. */
export interface SlowClient {
  /** Reads from now on, all that has come and comes. */
  read(): void;
  /** The results that were read. */
  readonly results: () => Arrival['result'][];
  /** Resolves after `read`, to whether the server has written the end; false: it has cut the connection. */
  readonly hasEnd: Promise<boolean>;
}

/** Opens a stream with the key "test", and reads nothing of it. */
export async function openUnread(
  url: string,
  query: string,
  accept = eventStream,
): Promise<SlowClient> {
  const sent = request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer test', accept },
  });
  onTestFinished(() => void sent.destroy());
  sent.end(JSON.stringify({ query }));
  const [response]: IncomingMessage[] = await once(sent, 'response');
  if (!response) throw new Error('There is no response');
  let text = '';
  // Of a connection that is cut. It is closed after it.
  response.on('error', () => {});
  return {
    read: () => void response.setEncoding('utf8').on('data', (part: string) => (text += part)),
    results: () => resultsOf(accept)(text),
    hasEnd: new Promise((resolve) => response.once('close', () => resolve(response.complete))),
  };
}
