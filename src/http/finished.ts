import type { OperationTypeNode } from 'graphql';
import type { SpanEnd } from '#src/domain/span.ts';
import type { Exchange } from './exchange.ts';

/** What the log and the metrics are told of an operation: never a key, a variable or a document. */
export interface FinishedOperation {
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

interface Facts {
  readonly exchange: Exchange<unknown>;
  readonly durationMs: number;
  readonly status: number;
}

export function finishedOperation({ exchange, durationMs, status }: Facts): FinishedOperation {
  const { asked, operation, errors, cost } = exchange;
  const code = errors?.[0]?.extensions['code'];
  return {
    requestId: asked.requestId,
    operation: operation?.name?.slice(0, 64) ?? 'anonymous',
    type: operation?.type ?? null,
    durationMs: Math.round(durationMs * 10) / 10,
    calls: cost?.calls ?? null,
    code: typeof code === 'string' ? code : null,
    status,
    ...(asked.span && { traceId: asked.span.traceId }),
  };
}

/** What a trace tells of an operation. A caller's mistake is no fault to look into. */
export function spanEndOf({ operation, type, calls, code, status }: FinishedOperation): SpanEnd {
  return {
    name: type === null ? 'operation' : `${type} ${operation}`,
    facts: {
      'graphql.operation.name': operation,
      'graphql.operation.type': type,
      'http.response.status_code': status,
      'enviaai.calls': calls,
      'error.type': code,
    },
    failed: code !== null && /^(?:UPSTREAM_|INTERNAL_)/.test(code),
  };
}
