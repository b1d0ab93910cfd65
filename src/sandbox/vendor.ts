import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type SandboxResponse, errorResponse, type SandboxError } from './response.ts';
import { outcomeOf, type WireOutcome } from './fault.ts';
import { responseTo } from './routes.ts';
import type { SandboxTenant, SandboxTenants } from './tenants.ts';

export interface VendorReply {
  readonly outcome: WireOutcome;
  readonly delayMs: number;
}

/** Keys that are refused; all other keys work. The responses to the first two have no budget. */
const refusedKeys = new Map<string, Omit<SandboxError, 'requestId'>>([
  ['invalid', { status: 401, code: 'invalid_api_key', message: 'Invalid API key' }],
  ['expired', { status: 401, code: 'expired_api_key', message: 'API key has expired' }],
  [
    'forbidden',
    { status: 403, code: 'insufficient_permissions', message: 'Missing scope instances:read' },
  ],
]);

/**
 * Handles one call under the base URL. The response is built when the call arrives, also if a fault
 * delays it.
 */
export function createVendor(
  tenants: SandboxTenants,
): (request: IncomingMessage, path: string) => VendorReply {
  return (request, path) => {
    const { method = 'GET' } = request;
    const requestId = requestIdOf(request);
    const key = keyOf(request.headers.authorization);
    // Calls without a key are logged under the empty key.
    const tenant = tenants.of(key ?? '');
    const reply = replyOf({ method, path, requestId, key, tenant });
    const { outcome } = reply;
    const status = 'response' in outcome ? outcome.response.status : null;
    tenant.log({ call: `${method} ${path}`, status, requestId });
    return reply;
  };
}

interface Incoming {
  readonly method: string;
  readonly path: string;
  readonly requestId: string;
  readonly key: string | null;
  readonly tenant: SandboxTenant;
}

function replyOf({ method, path, requestId, key, tenant }: Incoming): VendorReply {
  const { account, window, faults, stir } = tenant;
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
  const refused = refusedKeys.get(key);
  if (refused?.status === 401) return refuse(refused);

  const allowed = window.take();
  const headers = window.headers();
  const retryAfter = window.retryAfter();
  if (!allowed) {
    const message = 'Rate limit exceeded';
    return refuse({ status: 429, code: 'rate_limit_exceeded', message, retryAfter }, headers);
  }
  if (refused) return refuse(refused, headers);

  const [pathname = '', search = ''] = path.split(/\?(.*)/s);
  const query = new URLSearchParams(search);
  const normal = responseTo({ method, path: pathname, query, requestId }, account, (rows) =>
    stir.changeOneOf(rows),
  );
  const fault = faults.shift();
  if (!fault) return whole(finish(normal, headers));
  const outcome = outcomeOf(fault, normal, { requestId, retryAfter });
  return {
    outcome:
      'response' in outcome ? { ...outcome, response: finish(outcome.response, headers) } : outcome,
    delayMs: fault.delayMs,
  };
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
