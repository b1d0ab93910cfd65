import { HttpError } from '#src/http/response/http-error.ts';

/**
 * Refuses a POST that is not declared as JSON. A browser sends forms, multipart and plain text
 * across origins without asking first, so those must never run an operation.
 */
export function assertJson(contentType: string | undefined): void {
  if (contentType === 'application/json') return;
  const [mediaType = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim());
  const charset = parameters.find((part) => /^charset=/i.test(part))?.slice('charset='.length);
  const isJson = mediaType.toLowerCase() === 'application/json';
  if (isJson && /^("?)utf-?8\1$/i.test(charset ?? 'utf-8')) return;
  throw new HttpError(415, 'Send the operation as JSON, with content-type: application/json.', {
    headers: { 'accept-post': 'application/json' },
  });
}
