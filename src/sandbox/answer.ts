/** What goes out over HTTP, before it does. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Refusal {
  readonly status: number;
  /** Left out where the documentation gives none (500) [D]. */
  readonly code?: string | undefined;
  readonly message: string;
  readonly requestId: string;
  /** Seconds, for 429. Any JSON, so that odd ones can be tried. */
  readonly retryAfter?: unknown;
}

export function jsonAnswer(status: number, body: unknown): Answer {
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
export function errorAnswer({ status, code, message, requestId, retryAfter }: Refusal): Answer {
  if (status === 401 || status === 403 || status === 429) {
    return jsonAnswer(status, { error: { code, message, retryAfter } });
  }
  return jsonAnswer(status, { success: false, error: { code, message, requestId, retryAfter } });
}
