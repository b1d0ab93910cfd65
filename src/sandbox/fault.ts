import { type SandboxResponse, errorResponse } from './response.ts';

export const faultModes = [
  'status',
  'slow',
  'hang',
  'reset',
  'truncate',
  'invalid-json',
  'html',
] as const;
export type FaultMode = (typeof faultModes)[number];

export interface Fault {
  readonly mode: FaultMode;
  readonly status?: number;
  readonly code?: string;
  readonly retryAfter?: unknown;
  readonly delayMs: number;
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/** How a call ends on the connection. */
export type WireOutcome =
  | { readonly kind: 'whole' | 'truncated'; readonly response: SandboxResponse }
  | { readonly kind: 'hang' | 'reset' };

const documentedCodes = new Map([
  [400, 'invalid_parameters'],
  [401, 'invalid_api_key'],
  [403, 'insufficient_permissions'],
  [404, 'instance_not_found'],
  [429, 'rate_limit_exceeded'],
]);

/** The outcome of a call with a fault. `normal` is its response without the fault. */
export function outcomeOf(
  fault: Fault,
  normal: SandboxResponse,
  { requestId, retryAfter }: { readonly requestId: string; readonly retryAfter: number },
): WireOutcome {
  const withHeaders = (response: SandboxResponse): WireOutcome => ({
    kind: fault.mode === 'truncate' ? 'truncated' : 'whole',
    response: { ...response, headers: { ...response.headers, ...fault.headers } },
  });
  const status = fault.status ?? normal.status;
  const outcomes: Readonly<Record<FaultMode, () => WireOutcome>> = {
    hang: () => ({ kind: 'hang' }),
    reset: () => ({ kind: 'reset' }),
    slow: () => withHeaders({ ...normal, status }),
    truncate: () => withHeaders({ ...normal, status }),
    'invalid-json': () =>
      withHeaders({ ...normal, status, body: '{"success":true,"data":[{"id":' }),
    html: () =>
      withHeaders({
        status: fault.status ?? 502,
        headers: { 'content-type': 'text/html' },
        body: '<html><head><title>Bad Gateway</title></head><body>Bad Gateway</body></html>',
      }),
    status: () => withHeaders(refusalOf(fault, normal, { requestId, retryAfter })),
  };
  return outcomes[fault.mode]();
}

function refusalOf(
  { status = 500, code = documentedCodes.get(status), body, ...fault }: Fault,
  normal: SandboxResponse,
  { requestId, retryAfter }: { readonly requestId: string; readonly retryAfter: number },
): SandboxResponse {
  if (body !== undefined) {
    return { ...normal, status, body: typeof body === 'string' ? body : JSON.stringify(body) };
  }
  if (status < 300) return { ...normal, status };
  return errorResponse({
    status,
    code,
    message: 'A fault of the sandbox',
    requestId,
    retryAfter: fault.retryAfter ?? (status === 429 ? retryAfter : undefined),
  });
}
