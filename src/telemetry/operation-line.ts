/** The fields of an operation's log line; docs/operation.md describes them. None is a secret. */
export interface OperationLine {
  readonly requestId: string;
  readonly operation: string;
  readonly type: string | null;
  readonly durationMs: number;
  readonly calls: number | null;
  readonly code: string | null;
  readonly status: number;
  readonly traceId?: string;
}

/** Copies each field by its name, so that no other field of the object is logged. */
export function operationLineOf(line: OperationLine, at: number): string {
  const { requestId, operation, type, durationMs, calls, code, status, traceId } = line;
  return `${JSON.stringify({
    level: 'info',
    time: timeOf(at),
    requestId,
    operation,
    type,
    durationMs,
    calls,
    code,
    status,
    traceId,
    msg: 'operation',
  })}\n`;
}

const timeOf = (at: number): string => new Date(at).toISOString();
