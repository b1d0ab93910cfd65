/** What goes out over HTTP, before it does. */
export interface SandboxResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SandboxError {
  readonly status: number;
  /** Left out where the documentation gives none (500) [D]. */
  readonly code?: string | undefined;
  readonly message: string;
  readonly requestId: string;
  /** Seconds, for 429. Any JSON, so that odd ones can be tried. */
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
 * Both documented error envelopes [D]: what concerns the key and its limit comes as the
 * authentication page gives it, the rest as the overview page does.
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
