import { Failure } from '#src/domain/failure.ts';
import type { ReadSession } from './read-session.ts';

/**
 * Runs one read of a session in a separate span, where the operation is traced. Its upstream
 * calls are part of that span.
 */
export async function withSpan<T>(
  session: ReadSession,
  name: string,
  read: (session: ReadSession) => Promise<T>,
): Promise<T> {
  const span = session.span?.begin(name, 'internal');
  if (!span) return read(session);
  const { calls } = session;
  try {
    const result = await read({
      ...session,
      span,
      calls: {
        ...calls,
        page: (call) => calls.page({ ...call, span }),
        prefetch: (call) => calls.prefetch({ ...call, span }),
        single: (call) => calls.single({ ...call, span }),
      },
    });
    span.end({});
    return result;
  } catch (error) {
    const kind = error instanceof Failure ? error.kind : 'fault';
    span.end({ attributes: { 'error.type': kind }, failed: true });
    throw error;
  }
}
