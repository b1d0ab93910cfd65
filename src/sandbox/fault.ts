import { type SandboxResponse, errorResponse } from './answer.ts';

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
  /** JSON to send; a string goes out as it is. */
  readonly body?: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/** How a call ends on the wire. */
export type Outcome =
  | { readonly kind: 'whole' | 'truncated'; readonly answer: SandboxResponse }
  | { readonly kind: 'hang' | 'reset' };

const documentedCodes = new Map([
  [400, 'invalid_parameters'],
  [401, 'invalid_api_key'],
  [403, 'insufficient_permissions'],
  [404, 'instance_not_found'],
  [429, 'rate_limit_exceeded'],
]);

/** What the fault makes of the answer that the call would have had. */
export function outcomeOf(
  fault: Fault,
  usual: SandboxResponse,
  { requestId, retryAfter }: { readonly requestId: string; readonly retryAfter: number },
): Outcome {
  const withHeaders = (answer: SandboxResponse): Outcome => ({
    kind: fault.mode === 'truncate' ? 'truncated' : 'whole',
    answer: { ...answer, headers: { ...answer.headers, ...fault.headers } },
  });
  const status = fault.status ?? usual.status;
  const outcomes: Readonly<Record<FaultMode, () => Outcome>> = {
    hang: () => ({ kind: 'hang' }),
    reset: () => ({ kind: 'reset' }),
    slow: () => withHeaders({ ...usual, status }),
    truncate: () => withHeaders({ ...usual, status }),
    'invalid-json': () => withHeaders({ ...usual, status, body: '{"success":true,"data":[{"id":' }),
    html: () =>
      withHeaders({
        status: fault.status ?? 502,
        headers: { 'content-type': 'text/html' },
        body: '<html><head><title>Bad Gateway</title></head><body>Bad Gateway</body></html>',
      }),
    status: () => withHeaders(refusalOf(fault, usual, { requestId, retryAfter })),
  };
  return outcomes[fault.mode]();
}

function refusalOf(
  { status = 500, code = documentedCodes.get(status), body, ...fault }: Fault,
  usual: SandboxResponse,
  { requestId, retryAfter }: { readonly requestId: string; readonly retryAfter: number },
): SandboxResponse {
  if (body !== undefined) {
    return { ...usual, status, body: typeof body === 'string' ? body : JSON.stringify(body) };
  }
  if (status < 300) return { ...usual, status };
  return errorResponse({
    status,
    code,
    message: 'The sandbox was told to fail this call',
    requestId,
    retryAfter: fault.retryAfter ?? (status === 429 ? retryAfter : undefined),
  });
}
