import { GraphQLError } from 'graphql';
import { Failure, type FailureKind } from '#src/domain/failure.ts';

/** The part of a logger that is used here: facts, then what happened. */
export interface Log {
  readonly debug: (facts: object, message: string) => void;
  readonly warn: (facts: object, message: string) => void;
  readonly error: (facts: object, message: string) => void;
}

export interface ErrorLog {
  /** Writes down what no client is told: an unexpected error's stack; of a failed read, EnviaAI's code and request id. */
  readonly note: (error: unknown, facts?: object) => void;
}

// Nobody needs to look into these: the operation's own line has their code.
const causedByCaller = new Set<FailureKind>([
  'unauthorized',
  'no-key',
  'no-token',
  'unreadable-key',
  'bad-token',
  'too-many',
  'forbidden',
  'bad-input',
  'rate-limited',
]);

/** An error is written down once, however many hands it goes through. */
export function createErrorLog(log: Log): ErrorLog {
  const noted = new WeakSet<object>();

  return {
    note(error, facts = {}) {
      const root = rootOf(error);
      if (root instanceof GraphQLError) return;
      if (typeof root === 'object' && root !== null) {
        if (noted.has(root)) return;
        noted.add(root);
      }
      if (root instanceof Failure) {
        // Not its message or cause: those may hold EnviaAI's words.
        const { kind, status, upstreamCode, upstreamRequestId } = root;
        const told = { ...facts, kind, status, upstreamCode, upstreamRequestId };
        if (causedByCaller.has(kind)) log.debug(told, 'A read was refused');
        else log.warn(told, 'A read failed');
        return;
      }
      const stack = root instanceof Error ? root.stack : `thrown: ${typeof root}`;
      log.error({ ...facts, stack }, 'An unexpected error');
    },
  };
}

function rootOf(error: unknown): unknown {
  let root = error;
  while (root instanceof GraphQLError && root.originalError) root = root.originalError;
  return root;
}
