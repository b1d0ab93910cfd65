/** What the server calls a failure; those of the last line are this client's own. */
export type ErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'BAD_USER_INPUT'
  | 'RATE_LIMITED'
  | 'UPSTREAM_TIMEOUT'
  | 'UPSTREAM_UNAVAILABLE'
  | 'UPSTREAM_ERROR'
  | 'UPSTREAM_INVALID_RESPONSE'
  | 'LIMIT_EXCEEDED'
  | 'INTERNAL_SERVER_ERROR'
  | 'UNREACHABLE'
  | 'INVALID_RESPONSE';

export interface ErrorFacts {
  /** Any text: a newer server may have codes that {@link ErrorCode} does not list. */
  readonly code: ErrorCode | (string & {});
  /** In how many seconds to ask again; null: not known, or no use. */
  readonly retryAfter?: number | null;
  /** Names the request in the server's log; null: no answer came. */
  readonly requestId?: string | null;
  /** EnviaAI's own code, where it refused. */
  readonly upstreamCode?: string | null;
  /** Where in the answer, such as `['instances', 'nodes', 3, 'createdAt']`; null: all of it. */
  readonly path?: readonly (string | number)[] | null;
}

/** All that can go wrong between here and EnviaAI. Only an abort rejects with something else: the signal's reason. */
export class EnviaaiError extends Error {
  override readonly name = 'EnviaaiError';
  readonly code: ErrorCode | (string & {});
  readonly retryAfter: number | null;
  readonly requestId: string | null;
  readonly upstreamCode: string | null;
  readonly path: readonly (string | number)[] | null;

  constructor(message: string, facts: ErrorFacts, options?: { cause: unknown }) {
    super(message, options);
    this.code = facts.code;
    this.retryAfter = facts.retryAfter ?? null;
    this.requestId = facts.requestId ?? null;
    this.upstreamCode = facts.upstreamCode ?? null;
    this.path = facts.path ?? null;
  }
}
