import type { PendingResponse, Reply } from '#src/http/response/reply.ts';
import { type StreamFormat, streamHeadersOf } from './stream-format.ts';

/** Sends the result of a query or a mutation as a stream of one event. The status is always 200. */
export function sendAsStream(
  { response, headers: common }: PendingResponse,
  format: StreamFormat,
  { headers, body = '' }: Reply,
): void {
  if (response.headersSent || response.destroyed) return;
  const isSecret = headers?.['cache-control']?.startsWith('no-store') ?? false;
  response.writeHead(200, { ...common, ...streamHeadersOf(format, isSecret) });
  response.end(format.opening + format.event(body.toString()) + format.end(null));
}
