import { Failure } from '#src/domain/failure.ts';
import type { ReadSession } from './read-session.ts';

/** Makes one read of an operation, as a part of its trace if it has one: the calls that it makes are parts of this. */
export async function withSpan<T>(
  op: ReadSession,
  name: string,
  read: (op: ReadSession) => Promise<T>,
): Promise<T> {
  const span = op.span?.begin(name, 'internal');
  if (!span) return read(op);
  try {
    const answer = await read({
      ...op,
      span,
      call: (call) => op.call({ ...call, span }),
      callSingle: (call) => op.callSingle({ ...call, span }),
    });
    span.end({});
    return answer;
  } catch (error) {
    const kind = error instanceof Failure ? error.kind : 'fault';
    span.end({ attributes: { 'error.type': kind }, failed: true });
    throw error;
  }
}
