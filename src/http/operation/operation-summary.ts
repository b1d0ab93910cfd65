import type { OperationTypeNode } from 'graphql';
import type { SpanEnd } from '#src/domain/span.ts';
import type { OperationOutcome, OperationRequest } from './operation-request.ts';
import type { ParsedOperation } from './prepared-operation.ts';

/** What the log and the metrics are told of an operation: never a key, a variable or a document. */
export interface OperationSummary {
  readonly requestId: string;
  /** The operation's name, cut to 64 characters, or "anonymous". */
  readonly operation: string;
  /** Null: there was none to run. */
  readonly type: OperationTypeNode | null;
  readonly durationMs: number;
  /** Upstream calls it started; null where it never came to run. */
  readonly calls: number | null;
  /** The first error's, null without errors. */
  readonly code: string | null;
  /** The HTTP status it was answered with. */
  readonly status: number;
  /** Where it is traced. */
  readonly traceId?: string;
}

export function summaryOf(
  { requestId, span }: Pick<OperationRequest, 'requestId' | 'span'>,
  operation: ParsedOperation | null,
  { errors, cost }: Omit<OperationOutcome, 'reply'>,
  { durationMs, status }: Pick<OperationSummary, 'durationMs' | 'status'>,
): OperationSummary {
  const code = errors?.[0]?.extensions['code'];
  return {
    requestId,
    operation: operation?.name?.slice(0, 64) ?? 'anonymous',
    type: operation?.type ?? null,
    durationMs: Math.round(durationMs * 10) / 10,
    calls: cost?.calls ?? null,
    code: typeof code === 'string' ? code : null,
    status,
    ...(span && { traceId: span.traceId }),
  };
}

/** What a trace tells of an operation. A caller's mistake is no fault to look into. */
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
