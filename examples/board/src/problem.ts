import type { CombinedError } from 'urql';

/** Why there is no answer, as far as it changes what the board says and does. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly kind: 'signed-out' | 'rate-limited' | 'unavailable';
  /** When to ask again, by this machine's clock. */
  readonly retryAt: number;

  constructor(kind: Problem['kind'], retryAt: number) {
    super(kind);
    this.kind = kind;
    this.retryAt = retryAt;
  }
}

const unlessToldMs = 10_000;

/** Reads `extensions.code` and `extensions.retryAfter`: the README's table of errors, in three kinds. */
export function problemOf(error: CombinedError | undefined): Problem {
  const told = error?.graphQLErrors[0]?.extensions ?? {};
  const retryAfter = told['retryAfter'];
  const waitMs = typeof retryAfter === 'number' ? retryAfter * 1000 : unlessToldMs;
  return new Problem(kindOf(told['code']), Date.now() + waitMs);
}

function kindOf(code: unknown): Problem['kind'] {
  if (code === 'UNAUTHENTICATED' || code === 'FORBIDDEN') return 'signed-out';
  return code === 'RATE_LIMITED' ? 'rate-limited' : 'unavailable';
}
