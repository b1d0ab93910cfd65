import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { SandboxTenant, SandboxTenants } from './account/tenants.ts';
import { maxBodyBytes } from './routes/body-fields.ts';
import type { SandboxCall } from './routes/routed-call.ts';
import { responseTo } from './routes/routes.ts';
import { bodyText } from './wire/body-text.ts';
import { outcomeOf, takeFault, type VendorReply } from './wire/fault.ts';
import { errorResponse, type SandboxError, type SandboxResponse } from './wire/response.ts';

/** Keys that are refused; all other keys work. The responses to the first two have no budget. */
const refusedKeys = new Map<string, Omit<SandboxError, 'requestId'>>([
  ['invalid', { status: 401, code: 'invalid_api_key', message: 'Invalid API key' }],
  ['expired', { status: 401, code: 'expired_api_key', message: 'API key has expired' }],
  [
    'forbidden',
    { status: 403, code: 'insufficient_permissions', message: 'Missing scope instances:read' },
  ],
]);

/** The key of this name can read only. */
const readOnlyKey = 'read-only';

/**
 * Handles one call under the base URL. The write is performed and the response is made as soon as
 * the request was received, also if a fault delays it. Rejects if the request breaks off.
 */
export function createVendor(
  tenants: SandboxTenants,
  now: () => number,
): (request: IncomingMessage, path: string) => Promise<VendorReply> {
  return async (request, path) => {
    const { method = 'GET', headers } = request;
    const isRead = method === 'GET' || method === 'HEAD';
    const body = isRead ? '' : await bodyText(request, maxBodyBytes);
    const requestId = requestIdOf(request);
    const key = keyOf(headers.authorization);
    // Calls without a key are logged under the empty key.
    const tenant = tenants.of(key ?? '');
    const contentType = headers['content-type'] ?? '';
    const sent = { method, path, requestId, contentType, body, now: now() };
    const reply = replyOf(sent, key, tenant);
    const { outcome } = reply;
    const status = 'response' in outcome ? outcome.response.status : null;
    tenant.log({ call: `${method} ${path}`, status, requestId });
    return reply;
  };
}

function replyOf(
  sent: Omit<SandboxCall, 'query'>,
  key: string | null,
  tenant: SandboxTenant,
): VendorReply {
  const { method, path, requestId } = sent;
  const { window, faults } = tenant;
  const finish = (
    response: SandboxResponse,
    headers: Readonly<Record<string, string>>,
  ): SandboxResponse => ({
    ...response,
    headers: { 'x-request-id': requestId, ...headers, ...response.headers },
  });
  const refuse = (refusal: Omit<SandboxError, 'requestId'>, headers = {}): VendorReply =>
    whole(finish(errorResponse({ ...refusal, requestId }), headers));

  if (key === null) {
    const message = 'Send Authorization: Bearer <api key>';
    return refuse({ status: 401, code: 'missing_api_key', message });
  }
  const refused = refusalOf(key, method);
  if (refused?.status === 401) return refuse(refused);

  const allowed = window.take();
  const headers = window.headers();
  const retryAfter = window.retryAfter();
  if (!allowed) {
    const message = 'Rate limit exceeded';
    return refuse({ status: 429, code: 'rate_limit_exceeded', message, retryAfter }, headers);
  }
  if (refused) return refuse(refused, headers);

  tenant.flap.atCall();
  const [pathname = '', search = ''] = path.split(/\?(.*)/s);
  const query = new URLSearchParams(search);
  const normal = () => responseTo({ ...sent, path: pathname, query }, tenant);
  const fault = takeFault(faults, method);
  if (!fault) return whole(finish(normal(), headers));
  const outcome = outcomeOf(fault, normal, { requestId, retryAfter });
  return {
    outcome:
      'response' in outcome ? { ...outcome, response: finish(outcome.response, headers) } : outcome,
    delayMs: fault.delayMs,
  };
}

function refusalOf(key: string, method: string): Omit<SandboxError, 'requestId'> | undefined {
  if (key !== readOnlyKey || method === 'GET') return refusedKeys.get(key);
  const message = 'Missing scope instances:write';
  return { status: 403, code: 'insufficient_permissions', message };
}

function whole(response: SandboxResponse): VendorReply {
  return { outcome: { kind: 'whole', response }, delayMs: 0 };
}

function keyOf(authorization: string | undefined): string | null {
  return /^Bearer +([\x21-\x7e]{1,4096})$/i.exec(authorization ?? '')?.[1] ?? null;
}

function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  if (typeof given === 'string' && /^[\x21-\x7e]{1,128}$/.test(given)) return given;
  return `req_${randomUUID().replaceAll('-', '')}`;
}
