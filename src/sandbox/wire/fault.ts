import { type SandboxResponse, errorResponse, jsonResponse } from './response.ts';

export const faultModes = [
  'status',
  'slow',
  'hang',
  'reset',
  'lost',
  'truncate',
  'invalid-json',
  'html',
] as const;
export type FaultMode = (typeof faultModes)[number];

export const faultTargets = ['any', 'reads', 'writes'] as const;

export interface Fault {
  readonly mode: FaultMode;
  /** The calls to which it applies: GET, or all other methods. */
  readonly on: (typeof faultTargets)[number];
  /** True: the call has its effect, although its caller does not get the response. */
  readonly performed: boolean;
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

export interface VendorReply {
  readonly outcome: WireOutcome;
  readonly delayMs: number;
}

const documentedCodes = new Map([
  [400, 'invalid_parameters'],
  [401, 'invalid_api_key'],
  [403, 'insufficient_permissions'],
  [404, 'instance_not_found'],
  [429, 'rate_limit_exceeded'],
]);

/** Removes the first fault that applies to a call of this method. */
export function takeFault(faults: Fault[], method: string): Fault | undefined {
  const target = method === 'GET' ? 'reads' : 'writes';
  const at = faults.findIndex(({ on }) => on === 'any' || on === target);
  return at === -1 ? undefined : faults.splice(at, 1)[0];
}

/**
 * The outcome of a call with a fault. `normal` makes the call's response without the fault. A write
 * is performed if and only if `normal` is called: by the modes that send the normal response or a
 * part of it, by a 2xx status, and if the fault says so.
 */
export function outcomeOf(
  fault: Fault,
  normal: () => SandboxResponse,
  { requestId, retryAfter }: { readonly requestId: string; readonly retryAfter: number },
): WireOutcome {
  const done = fault.performed || fault.mode === 'lost' ? normal() : undefined;
  const response = () => {
    const made = done ?? normal();
    return { ...made, status: fault.status ?? made.status };
  };
  const withHeaders = (response: SandboxResponse): WireOutcome => ({
    kind: fault.mode === 'truncate' ? 'truncated' : 'whole',
    response: { ...response, headers: { ...response.headers, ...fault.headers } },
  });
  const outcomes: Readonly<Record<FaultMode, () => WireOutcome>> = {
    hang: () => ({ kind: 'hang' }),
    reset: () => ({ kind: 'reset' }),
    lost: () => ({ kind: 'reset' }),
    slow: () => withHeaders(response()),
    truncate: () => withHeaders(response()),
    'invalid-json': () => withHeaders({ ...response(), body: '{"success":true,"data":[{"id":' }),
    html: () =>
      withHeaders({
        status: fault.status ?? 502,
        headers: { 'content-type': 'text/html' },
        body: '<html><head><title>Bad Gateway</title></head><body>Bad Gateway</body></html>',
      }),
    status: () => withHeaders(statusResponse(fault, response, { requestId, retryAfter })),
  };
  return outcomes[fault.mode]();
}

function statusResponse(
  { status = 500, code = documentedCodes.get(status), body, ...fault }: Fault,
  normal: () => SandboxResponse,
  { requestId, retryAfter }: { readonly requestId: string; readonly retryAfter: number },
): SandboxResponse {
  const made = status < 300 ? normal() : undefined;
  if (body !== undefined) {
    return {
      ...(made ?? jsonResponse(status, null)),
      body: typeof body === 'string' ? body : JSON.stringify(body),
    };
  }
  if (made) return made;
  return errorResponse({
    status,
    code,
    message: 'A fault of the sandbox',
    requestId,
    retryAfter: fault.retryAfter ?? (status === 429 ? retryAfter : undefined),
  });
}
