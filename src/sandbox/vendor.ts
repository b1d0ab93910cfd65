import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type SandboxResponse, errorResponse, type SandboxError } from './answer.ts';
import { outcomeOf, type Outcome } from './fault.ts';
import { answerTo } from './routes.ts';
import type { SandboxTenant, SandboxTenants } from './tenants.ts';

export interface VendorReply {
  readonly outcome: Outcome;
  readonly delayMs: number;
}

/** Keys that are refused; any other key works. The first two have no budget to report. */
const refusedKeys = new Map<string, Omit<SandboxError, 'requestId'>>([
  ['invalid', { status: 401, code: 'invalid_api_key', message: 'Invalid API key' }],
  ['expired', { status: 401, code: 'expired_api_key', message: 'API key has expired' }],
  [
    'forbidden',
    { status: 403, code: 'insufficient_permissions', message: 'Missing scope instances:read' },
  ],
]);

/**
 * Answers one call under the base URL. The answer is made when the call arrives: one that a fault
 * delays brings what was true then.
 */
export function createVendor(
  tenants: SandboxTenants,
): (request: IncomingMessage, path: string) => VendorReply {
  return (request, path) => {
    const { method = 'GET' } = request;
    const requestId = requestIdOf(request);
    const key = keyOf(request.headers.authorization);
    // Calls without a key are logged under the empty one.
    const tenant = tenants.of(key ?? '');
    const reply = replyOf({ method, path, requestId, key, tenant });
    const { outcome } = reply;
    const status = 'answer' in outcome ? outcome.answer.status : null;
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
    answer: SandboxResponse,
    headers: Readonly<Record<string, string>>,
  ): SandboxResponse => ({
    ...answer,
    headers: { 'x-request-id': requestId, ...headers, ...answer.headers },
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
  const usual = answerTo({ method, path: pathname, query, requestId }, account, (rows) =>
    stir.after(rows),
  );
  const fault = faults.shift();
  if (!fault) return whole(finish(usual, headers));
  const outcome = outcomeOf(fault, usual, { requestId, retryAfter });
  return {
    outcome:
      'answer' in outcome ? { ...outcome, answer: finish(outcome.answer, headers) } : outcome,
    delayMs: fault.delayMs,
  };
}

function whole(answer: SandboxResponse): VendorReply {
  return { outcome: { kind: 'whole', answer }, delayMs: 0 };
}

function keyOf(authorization: string | undefined): string | null {
  return /^Bearer +([\x21-\x7e]{1,4096})$/i.exec(authorization ?? '')?.[1] ?? null;
}

function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  if (typeof given === 'string' && /^[\x21-\x7e]{1,128}$/.test(given)) return given;
  return `req_${randomUUID().replaceAll('-', '')}`;
}
