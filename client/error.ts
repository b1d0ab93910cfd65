import type { ReasonFragment } from './generated.ts';

/** The error codes of the server; the last four are codes of this client. */
export type ErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'BAD_USER_INPUT'
  | 'RATE_LIMITED'
  | 'UPSTREAM_TIMEOUT'
  | 'UPSTREAM_UNAVAILABLE'
  | 'UPSTREAM_ERROR'
  | 'UPSTREAM_INVALID_RESPONSE'
  | 'OUTCOME_UNKNOWN'
  | 'LIMIT_EXCEEDED'
  | 'INTERNAL_SERVER_ERROR'
  | 'UNREACHABLE'
  | 'INVALID_RESPONSE'
  | 'REFUSED'
  | 'STREAM_UNSUPPORTED';

/** A reason that the caller can mend; `field`: the path of the argument that is wrong. */
export type UserError = ReasonFragment;

export interface ErrorFacts {
  /** Any text: a newer server may have codes that {@link ErrorCode} does not list. */
  readonly code: ErrorCode | (string & {});
  /** Seconds until a retry can succeed; null: unknown, or a retry is useless. */
  readonly retryAfter?: number | null;
  /** The request's id in the server's log; null: there was no response. */
  readonly requestId?: string | null;
  /** EnviaAI's error code; null: EnviaAI did not refuse the request. */
  readonly upstreamCode?: string | null;
  /**
   * Path in the answer, such as `['instances', 'nodes', 3, 'createdAt']`; null: the whole answer.
   */
  readonly path?: readonly (string | number)[] | null;
  /** Why EnviaAI refused a change. Not empty with the code `REFUSED`, and only then. */
  readonly userErrors?: readonly UserError[];
}

/** Every failure of a call, except an abort, which rejects with the signal's reason, or with an `AbortError`. */
export class EnviaaiError extends Error {
  override readonly name = 'EnviaaiError';
  readonly code: ErrorCode | (string & {});
  readonly retryAfter: number | null;
  readonly requestId: string | null;
  readonly upstreamCode: string | null;
  readonly path: readonly (string | number)[] | null;
  readonly userErrors: readonly UserError[];

  constructor(message: string, facts: ErrorFacts, options?: { cause: unknown }) {
    super(message, options);
    this.code = facts.code;
    this.retryAfter = facts.retryAfter ?? null;
    this.requestId = facts.requestId ?? null;
    this.upstreamCode = facts.upstreamCode ?? null;
    this.path = facts.path ?? null;
    this.userErrors = facts.userErrors ?? [];
  }
}
