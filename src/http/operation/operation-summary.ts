import type { OperationTypeNode } from 'graphql';
import type { SpanEnd } from '#src/domain/span.ts';
import type { OperationOutcome, OperationRequest } from './operation-request.ts';
import type { ParsedOperation } from './prepared-operation.ts';

/**
 * What the log and the metrics report about an operation: never a key, a variable or a document.
 */
export interface OperationSummary {
  readonly requestId: string;
  /** The caller, by a part of a hash. Null: it was refused, or not admitted. */
  readonly caller: string | null;
  /** The name of the client program. Undefined: it sends none. */
  readonly client?: string | undefined;
  readonly clientVersion?: string | undefined;
  /** The name of the operation, truncated to 64 characters, or "anonymous". */
  readonly operation: string;
  /** Null: the request has no operation. */
  readonly type: OperationTypeNode | null;
  readonly durationMs: number;
  /** Upstream calls that it started. Null: it was not executed, or read nothing. */
  readonly calls: number | null;
  /** The code of the first error. Null: there are no errors. */
  readonly code: string | null;
  /** The HTTP status of the response; 499 if the client disconnected first. */
  readonly status: number;
  /** Undefined: the operation is not traced. */
  readonly traceId?: string;
}

/** What is known when the response was sent. */
export type SentFacts = Pick<
  OperationSummary,
  'caller' | 'client' | 'clientVersion' | 'durationMs' | 'status'
>;

export function summaryOf(
  { requestId, span }: Pick<OperationRequest, 'requestId' | 'span'>,
  operation: ParsedOperation | null,
  { errors, cost }: Omit<OperationOutcome, 'reply'>,
  { durationMs, ...sent }: SentFacts,
): OperationSummary {
  const code = errors?.[0]?.extensions['code'];
  return {
    requestId,
    operation: operation?.label ?? 'anonymous',
    type: operation?.type ?? null,
    durationMs: Math.round(durationMs * 10) / 10,
    calls: cost?.calls ?? null,
    code: typeof code === 'string' ? code : null,
    ...sent,
    ...(span && { traceId: span.traceId }),
  };
}

/**
 * The data of an operation's span. An error that the caller caused does not mark the span as
 * failed.
 */
export function spanEndOf({ operation, type, calls, code, status }: OperationSummary): SpanEnd {
  return {
    name: type === null ? 'operation' : `${type} ${operation}`,
    attributes: {
      'graphql.operation.name': operation,
      'graphql.operation.type': type,
      'http.response.status_code': status,
      'enviaai.calls': calls,
      'error.type': code,
    },
    failed: code !== null && /^(?:UPSTREAM_|INTERNAL_)/.test(code),
  };
}
