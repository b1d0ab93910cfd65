import type { ConnectionReason } from '#src/domain/connection-reason.ts';
import type { FailureKind } from '#src/domain/failure.ts';
import type { Span, SpanEnd } from '#src/domain/span.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { RateLimitHeaders } from '#src/enviaai/response/rate-limit-headers.ts';
import { type CallKind, routes } from './call-kinds.ts';

/** On whose behalf a call is made, and within which limits. */
export interface CallCredentials {
  readonly tenant: Tenant;
  readonly apiKey: string;
  readonly requestId: string;
  /** The call's ticket of the budget, which its report ends. */
  readonly ticket?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Time left for the operation; the configured timeout applies if it is shorter. */
  readonly timeoutMs?: number | undefined;
  /** The same call has just failed: this one is sent on a new connection. */
  readonly again?: boolean | undefined;
  /** The parent span; EnviaAI gets its `traceparent`. */
  readonly span?: Span | undefined;
}

/** The outcome of one HTTP call. Contains the caller's key: never log it as a whole. */
export interface CallReport {
  readonly caller: CallCredentials;
  readonly kind: CallKind;
  readonly outcome: 'ok' | 'not-found' | FailureKind;
  /** Null: no headers arrived. */
  readonly status: number | null;
  readonly durationMs: number;
  /** Why the connection failed. Undefined: it did not. */
  readonly reason?: ConnectionReason | undefined;
  readonly rate: RateLimitHeaders | null;
  readonly retryAfterMs: number | null;
  readonly upstreamCode: string | null;
  readonly upstreamRequestId: string | null;
}

/** The method and the path, without an id: `GET /instances/{id}`. */
export const spanNameOf = (kind: CallKind): string => `${routes[kind].method} ${routes[kind].path}`;

/** No id, key or address, although the path and the headers contain them. */
export function spanEndOf({
  kind,
  outcome,
  status,
}: Pick<CallReport, 'kind' | 'outcome' | 'status'>): SpanEnd {
  const failed = outcome !== 'ok' && outcome !== 'not-found';
  return {
    attributes: {
      'http.request.method': routes[kind].method,
      'http.response.status_code': status,
      'enviaai.call.kind': kind,
      'enviaai.call.outcome': outcome,
      'error.type': failed ? outcome : null,
    },
    failed,
  };
}
