import { LRUCache } from 'lru-cache';
import { Failure } from '#src/domain/failure.ts';
import { type TrackEntries, untracked } from '#src/domain/memory-usage.ts';
import type { Tenant } from '#src/domain/tenant.ts';

/**
 * Circuit breakers: one for each tenant, and one for connections that cannot be made. While one is
 * open, no call is sent but a probe from time to time.
 *
 * cockatiel and opossum are not used: they wait for the end of a probe before the next one, which a
 * hanging vendor delays by five seconds, and they read the machine's clock.
 */
export interface CircuitBreakers {
  /** Throws `unavailable` while a breaker is open and its next probe is not due. */
  check(tenant: Tenant): void;
  /** The same; where a probe is due, this call is the probe, and the next calls are refused. */
  pass(tenant: Tenant): void;
  /** Closes both breakers. */
  succeeded(tenant: Tenant): void;
  /** Counts a failed call for the breakers that it concerns. */
  failed(tenant: Tenant, error: unknown): void;
}

/** Failures in a row that open a breaker. */
const failureThreshold = 5;

/** Time between two probes of an open breaker. */
const probeIntervalMs = 2000;

/** Tenants with a breaker: those whose last calls failed. */
const maxTenants = 10_000;

const connectionErrors: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** A connection was made for a write whose outcome is unknown. */
const isConnectionError = ({ kind, cause }: Failure): boolean =>
  kind !== 'outcome-unknown' && connectionErrors.has(cause);

/** A fault of EnviaAI, or of a firewall or proxy in front of it; not of the request or its key. */
const isVendorFault = ({ kind, status }: Failure): boolean =>
  kind === 'timeout' ||
  kind === 'unavailable' ||
  (kind === 'outcome-unknown' && status === undefined) ||
  (status ?? 0) >= 500;

/** The caller left before the response, which says nothing about EnviaAI. */
const isAborted = ({ kind, cause }: Failure): boolean =>
  kind === 'unavailable' && typeof cause === 'object';

export function createCircuitBreakers(
  now: () => number,
  track: TrackEntries = untracked,
): CircuitBreakers {
  const connection = createBreaker(now);
  const byTenant = new LRUCache<Tenant, Breaker>({ max: maxTenants });
  track('circuit_breakers', () => byTenant.size);

  const countFailure = (tenant: Tenant): void => {
    const breaker = byTenant.get(tenant) ?? createBreaker(now);
    byTenant.set(tenant, breaker);
    breaker.failed();
  };
  const check = (tenant: Tenant): void => {
    connection.check();
    byTenant.get(tenant)?.check();
  };

  return {
    check,
    pass(tenant) {
      check(tenant);
      connection.passed();
      byTenant.get(tenant)?.passed();
    },
    succeeded(tenant) {
      connection.succeeded();
      byTenant.delete(tenant);
    },
    failed(tenant, error) {
      if (!(error instanceof Failure) || isAborted(error)) return;
      if (isConnectionError(error)) connection.failed();
      // A timeout can mean either: a connection was made, or none.
      else if (error.kind !== 'timeout') connection.succeeded();
      if (isVendorFault(error)) countFailure(tenant);
      else byTenant.delete(tenant);
    },
  };
}

interface Breaker {
  check(): void;
  passed(): void;
  failed(): void;
  /** Any response closes it, an error response too. */
  succeeded(): void;
}

function createBreaker(now: () => number): Breaker {
  let failuresInRow = 0;
  let probeAt = 0;
  return {
    check() {
      const retryAfterMs = probeAt - now();
      if (failuresInRow < failureThreshold || retryAfterMs <= 0) return;
      throw new Failure('unavailable', 'The circuit breaker is open', { retryAfterMs });
    },
    passed() {
      // The next probe does not wait for the end of this one, which can hang.
      if (failuresInRow >= failureThreshold) probeAt = now() + probeIntervalMs;
    },
    failed() {
      failuresInRow += 1;
      // Calls that were in flight when it opened, and fail later, do not postpone the probe.
      if (failuresInRow === failureThreshold) probeAt = now() + probeIntervalMs;
    },
    succeeded() {
      failuresInRow = 0;
    },
  };
}
