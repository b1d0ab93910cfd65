/** Why a read did not succeed. The one kind of error that parts of this server throw at each other on purpose. */
export type FailureKind = VendorFailureKind | CallerFailureKind;

/** Who asks may not, or not now: no call was made. */
export type CallerFailureKind =
  /** The caller showed no key. */
  | 'no-key'
  /** The caller showed no token. */
  | 'no-token'
  /** The caller showed something in which no key or token can be found. */
  | 'unreadable-key'
  /** The caller showed a token that is not accepted. */
  | 'bad-token'
  /** No token can be verified now, for there are no keys to do it with. */
  | 'unverifiable'
  /** The caller asks more often than it may. */
  | 'too-many'
  /** The vendor refused the key that this server holds (401, 403): no caller can mend that. */
  | 'own-key';

/** What became of a call, or of the wish to make one. */
export type VendorFailureKind =
  /** The vendor refused the key (401). */
  | 'unauthorized'
  /** The vendor refused the key for this (403). */
  | 'forbidden'
  /** The caller's argument, or a request the vendor calls wrong (400). */
  | 'bad-input'
  /** The budget is spent, by our count or the vendor's (429). */
  | 'rate-limited'
  /** No answer in time. */
  | 'timeout'
  /** No connection, a broken one, 502, 503 or 504. */
  | 'unavailable'
  /** Any other refusal. */
  | 'refused'
  /** An answer, a row or a field that is not what the documentation says. */
  | 'malformed';

export interface FailureFacts {
  readonly cause?: unknown;
  /** How long to wait before asking again. */
  readonly retryAfterMs?: number | undefined;
  /** The vendor's own code: `invalid_api_key`. */
  readonly upstreamCode?: string | undefined;
  /** The vendor's own request id: for the log. */
  readonly upstreamRequestId?: string | undefined;
  /** The HTTP status of the vendor's refusal. */
  readonly status?: number | undefined;
  /** The GraphQL argument that is wrong. */
  readonly argument?: string | undefined;
}

export class Failure extends Error {
  override readonly name = 'Failure';
  readonly kind: FailureKind;
  readonly retryAfterMs: number | undefined;
  readonly upstreamCode: string | undefined;
  readonly upstreamRequestId: string | undefined;
  readonly status: number | undefined;
  readonly argument: string | undefined;

  constructor(kind: FailureKind, message: string, facts: FailureFacts = {}) {
    super(message, { cause: facts.cause });
    this.kind = kind;
    this.retryAfterMs = facts.retryAfterMs;
    this.upstreamCode = facts.upstreamCode;
    this.upstreamRequestId = facts.upstreamRequestId;
    this.status = facts.status;
    this.argument = facts.argument;
  }
}
