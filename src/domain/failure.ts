import type { ConnectionReason } from './connection-reason.ts';

/** Why a read or a write did not succeed. */
export type FailureKind = UpstreamFailureKind | CallerFailureKind | WriteFailureKind;

/**
 * EnviaAI may or may not have done a write: it was sent, and no response states its outcome. After
 * a failure of any other kind, EnviaAI has not done it.
 */
export type WriteFailureKind = 'outcome-unknown';

/** The caller may not read, or not now. No upstream call was made, except for `server-key`. */
export type CallerFailureKind =
  /** The request has no API key. */
  | 'no-key'
  /** The request has no token. */
  | 'no-token'
  /** The `Authorization` header contains neither a key nor a token. */
  | 'unreadable-key'
  /** The token is not accepted. */
  | 'bad-token'
  /** No token can be verified now, because the issuer's public keys are not available. */
  | 'unverifiable'
  /** This server allows no caller to change instances. */
  | 'mutations-off'
  /** The caller's token lacks the scope that changes need. */
  | 'no-write-scope'
  /** The caller exceeded its limit of operations. */
  | 'too-many'
  /** EnviaAI refused many keys of the caller's address lately, and has not accepted this one. */
  | 'too-many-keys'
  /** EnviaAI refused the server's key. The operator has to fix that, not the caller. */
  | 'server-key';

/** Why an upstream call failed, or was not sent. */
export type UpstreamFailureKind =
  /** EnviaAI refused the key, with a documented code: a status alone refuses no key. */
  | 'unauthorized'
  /** EnviaAI does not allow this call with this key, with a documented code. */
  | 'forbidden'
  /**
   * An argument of the caller is wrong, or EnviaAI calls the request wrong, with a documented code.
   */
  | 'bad-input'
  /**
   * The budget is spent, by this server's count or EnviaAI's (429), or a proxy's 403 asks for a wait.
   */
  | 'rate-limited'
  /** No response in time. */
  | 'timeout'
  /** No connection, a broken connection, 502, 503, 504, or the refusal of a firewall or proxy. */
  | 'unavailable'
  /** Any other error response. */
  | 'refused'
  /** A response, a row or a field that does not have the documented form. */
  | 'malformed';

export interface FailureDetails {
  readonly cause?: unknown;
  /** Why the connection failed, for the log. */
  readonly reason?: ConnectionReason | undefined;
  /** How long to wait before a retry, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** EnviaAI's error code, such as `invalid_api_key`. */
  readonly upstreamCode?: string | undefined;
  /** EnviaAI's request id, for the log. */
  readonly upstreamRequestId?: string | undefined;
  /** The HTTP status of EnviaAI's error response. */
  readonly status?: number | undefined;
  /** The GraphQL argument that is wrong. */
  readonly argument?: string | undefined;
}

/** A failed read or write. Its message is never EnviaAI's, which may name keys or other tenants. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly kind: FailureKind;
  readonly reason: ConnectionReason | undefined;
  readonly retryAfterMs: number | undefined;
  readonly upstreamCode: string | undefined;
  readonly upstreamRequestId: string | undefined;
  readonly status: number | undefined;
  readonly argument: string | undefined;

  constructor(kind: FailureKind, message: string, details: FailureDetails = {}) {
    super(message, { cause: details.cause });
    this.kind = kind;
    this.reason = details.reason;
    this.retryAfterMs = details.retryAfterMs;
    this.upstreamCode = details.upstreamCode;
    this.upstreamRequestId = details.upstreamRequestId;
    this.status = details.status;
    this.argument = details.argument;
  }
}
