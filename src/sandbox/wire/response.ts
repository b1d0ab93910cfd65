/** A complete HTTP response, before it is sent. */
export interface SandboxResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SandboxError {
  readonly status: number;
  /** Undefined where the documentation has no code (500) [D]. */
  readonly code?: string | undefined;
  readonly message: string;
  readonly requestId: string;
  /** Seconds, for 429. Any JSON value, to test invalid ones. */
  readonly retryAfter?: unknown;
}

export function jsonResponse(status: number, body: unknown): SandboxResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
  };
}

/**
 * An error in one of the two documented envelopes [D]: errors of the key and its limit as on the
 * authentication page, all others as on the overview page.
 */
export function errorResponse({
  status,
  code,
  message,
  requestId,
  retryAfter,
}: SandboxError): SandboxResponse {
  if (status === 401 || status === 403 || status === 429) {
    return jsonResponse(status, { error: { code, message, retryAfter } });
  }
  return jsonResponse(status, { success: false, error: { code, message, requestId, retryAfter } });
}
