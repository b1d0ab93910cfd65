import type { CombinedError } from 'urql';

/** Why a read failed, reduced to the cases that the board treats differently. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly kind: 'signed-out' | 'rate-limited' | 'unavailable';
  /** Time of the next attempt, in milliseconds since the epoch. */
  readonly retryAt: number;

  constructor(kind: Problem['kind'], retryAt: number) {
    super(kind);
    this.kind = kind;
    this.retryAt = retryAt;
  }
}

/** For errors without `retryAfter`. */
const defaultWaitMs = 10_000;

/** Maps `extensions.code` and `extensions.retryAfter` (docs/errors.md) to three kinds. */
export function problemOf(error: CombinedError | undefined): Problem {
  const extensions = error?.graphQLErrors[0]?.extensions ?? {};
  const retryAfter = extensions['retryAfter'];
  const waitMs = typeof retryAfter === 'number' ? retryAfter * 1000 : defaultWaitMs;
  return new Problem(kindOf(extensions['code']), Date.now() + waitMs);
}

function kindOf(code: unknown): Problem['kind'] {
  if (code === 'UNAUTHENTICATED' || code === 'FORBIDDEN') return 'signed-out';
  return code === 'RATE_LIMITED' ? 'rate-limited' : 'unavailable';
}
