import type { IncomingHttpHeaders } from 'node:http';
import { HttpError } from '#src/http/response/http-error.ts';

/**
 * Throws a 415 error for a POST that is not declared as JSON, or that is compressed. A browser sends forms, multipart and
 * plain text to other origins without a preflight request, so they must not execute an operation
 * (CSRF).
 */
export function assertJson({
  'content-type': contentType,
  'content-encoding': contentEncoding = 'identity',
}: IncomingHttpHeaders): void {
  if (contentEncoding.toLowerCase() !== 'identity') {
    throw new HttpError(415, 'Send the operation without compression (`Content-Encoding`).', {
      headers: { 'accept-encoding': 'identity' },
    });
  }
  if (contentType === 'application/json') return;
  const [mediaType = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim());
  const charset = parameters.find((part) => /^charset=/i.test(part))?.slice('charset='.length);
  const isJson = mediaType.toLowerCase() === 'application/json';
  if (isJson && /^("?)utf-?8\1$/i.test(charset ?? 'utf-8')) return;
  throw new HttpError(
    415,
    'Send the operation as JSON, with the header `Content-Type: application/json`.',
    {
      headers: { 'accept-post': 'application/json' },
    },
  );
}
