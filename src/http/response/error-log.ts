import { GraphQLError } from 'graphql';
import { Failure, type FailureKind } from '#src/domain/failure.ts';

/** The methods of a logger that this layer uses. */
export interface Logger {
  readonly debug: (fields: object, message: string) => void;
  readonly warn: (fields: object, message: string) => void;
  readonly error: (fields: object, message: string) => void;
}

export interface ErrorLog {
  /**
   * Logs what the client does not get: the stack of an unexpected error, or of a failed
   * read or write EnviaAI's error code and request id, or the reason for which the connection failed.
   */
  readonly record: (error: unknown, fields?: object) => void;
}

// Logged at level debug: the log line of the operation has the error code already.
const causedByCaller = new Set<FailureKind>([
  'unauthorized',
  'no-key',
  'no-token',
  'unreadable-key',
  'bad-token',
  'mutations-off',
  'no-write-scope',
  'too-many',
  'too-many-keys',
  'forbidden',
  'bad-input',
  'rate-limited',
]);

/** Logs each error once, even if several fields and layers report it. */
export function createErrorLog(log: Logger): ErrorLog {
  const recorded = new WeakSet<object>();

  return {
    record(error, fields = {}) {
      const root = rootOf(error);
      if (root instanceof GraphQLError) return;
      if (typeof root === 'object' && root !== null) {
        if (recorded.has(root)) return;
        recorded.add(root);
      }
      if (root instanceof Failure) {
        // Without its message and cause, which may contain text of EnviaAI.
        const { kind, reason, status, upstreamCode, upstreamRequestId } = root;
        const all = { ...fields, kind, reason, status, upstreamCode, upstreamRequestId };
        if (causedByCaller.has(kind)) log.debug(all, 'An operation was refused');
        else log.warn(all, 'An operation failed');
        return;
      }
      const stack = root instanceof Error ? root.stack : `thrown: ${typeof root}`;
      log.error({ ...fields, stack }, 'An unexpected error occurred');
    },
  };
}

function rootOf(error: unknown): unknown {
  let root = error;
  while (root instanceof GraphQLError && root.originalError) root = root.originalError;
  return root;
}
