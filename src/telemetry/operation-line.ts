/** The fields of an operation's log line; docs/operation.md describes them. None is a secret. */
export interface OperationLine {
  readonly requestId: string;
  readonly caller: string | null;
  readonly client?: string | undefined;
  readonly clientVersion?: string | undefined;
  readonly operation: string;
  readonly type: string | null;
  readonly durationMs: number;
  readonly calls: number | null;
  readonly code: string | null;
  readonly status: number;
  readonly traceId?: string;
}

/** Returns the line of an operation. */
export function createOperationLines(): (line: OperationLine, at: number) => string {
  // Operations of one millisecond share the text of their time.
  let last = { at: Number.NaN, text: '' };
  return (line, at) => {
    if (at !== last.at) last = { at, text: new Date(at).toISOString() };
    return lineOf(line, last.text);
  };
}

/** Copies each field by its name, so that no other field of the object is logged. */
function lineOf(line: OperationLine, time: string): string {
  const { requestId, caller, client, clientVersion, operation, type } = line;
  const { durationMs, calls, code, status, traceId } = line;
  return `${JSON.stringify({
    level: 'info',
    time,
    requestId,
    caller,
    client,
    clientVersion,
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
