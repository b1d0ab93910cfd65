import { Failure } from '#src/domain/failure.ts';
import type { Tenant } from '#src/domain/tenant.ts';

/**
 * Stops asking an upstream that keeps failing: one breaker for each tenant, and one for connections
 * that cannot be made. Not a library's: those known wait for the end of a probe before the next, which
 * a hanging vendor makes five seconds, and read the machine's clock.
 */
export interface CircuitBreakers {
  /** Throws `unavailable` at once while a breaker is open and its next probe not due. */
  check(tenant: Tenant): void;
  /** The same; where a probe is due, the caller has it, and the others none until the next. */
  pass(tenant: Tenant): void;
  /** Learns from a call's answer, for both breakers. */
  succeeded(tenant: Tenant): void;
  /** The same, from what it failed with. */
  failed(tenant: Tenant, error: unknown): void;
}

/** So many failures in a row open a breaker. */
const sustained = 5;

/** An open breaker lets one call through so often, to see whether the fault has ended. */
const probeEveryMs = 2000;

/** Breakers of tenants that are failing now, or did lately. */
const mostTenants = 10_000;

const noConnection: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);

const isNoConnection = (failure: Failure): boolean => noConnection.has(failure.cause);

/** A fault of the vendor's, not of what was asked. */
const isFault = ({ kind, status = 0 }: Failure): boolean =>
  kind === 'timeout' || kind === 'unavailable' || status >= 500;

/** That its caller had left says nothing of the vendor. */
const isGivenUp = ({ kind, cause }: Failure): boolean =>
  kind === 'unavailable' && typeof cause === 'object';

export function createCircuitBreakers(now: () => number): CircuitBreakers {
  const upstream = createBreaker(now);
  const failing = new Map<Tenant, Breaker>();

  /** Only tenants whose calls fail have a breaker. */
  const count = (tenant: Tenant): void => {
    const breaker = failing.get(tenant) ?? createBreaker(now);
    failing.delete(tenant);
    failing.set(tenant, breaker);
    for (const oldest of failing.keys()) {
      if (failing.size <= mostTenants) break;
      failing.delete(oldest);
    }
    breaker.failed();
  };
  const check = (tenant: Tenant): void => {
    upstream.check();
    failing.get(tenant)?.check();
  };

  return {
    check,
    pass(tenant) {
      check(tenant);
      upstream.passed();
      failing.get(tenant)?.passed();
    },
    succeeded(tenant) {
      upstream.succeeded();
      failing.delete(tenant);
    },
    failed(tenant, error) {
      if (!(error instanceof Failure) || isGivenUp(error)) return;
      if (isNoConnection(error)) upstream.failed();
      // One without an answer may have had a connection, or none.
      else if (error.kind !== 'timeout') upstream.succeeded();
      if (isFault(error)) count(tenant);
      else failing.delete(tenant);
    },
  };
}

interface Breaker {
  check(): void;
  passed(): void;
  failed(): void;
  /** An answer, a refusal too, closes it. */
  succeeded(): void;
}

function createBreaker(now: () => number): Breaker {
  let inRow = 0;
  let probeAt = 0;
  return {
    check() {
      const retryAfterMs = probeAt - now();
      if (inRow < sustained || retryAfterMs <= 0) return;
      throw new Failure('unavailable', 'The breaker is open', { retryAfterMs });
    },
    passed() {
      // A probe that hangs does not keep the next one waiting.
      if (inRow >= sustained) probeAt = now() + probeEveryMs;
    },
    failed() {
      inRow += 1;
      // Calls that were under way by then and fail later do not move the next probe.
      if (inRow === sustained) probeAt = now() + probeEveryMs;
    },
    succeeded() {
      inRow = 0;
    },
  };
}
