import {
  BrokenCircuitError,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleAll,
} from 'cockatiel';
import { Failure } from '#src/domain/failure.ts';
import type { Tenant } from '#src/domain/tenant.ts';

/** Stops asking an upstream that keeps failing: one breaker for each tenant, and one for connections that cannot be made. */
export interface Breakers {
  /** Throws `unavailable` at once while a breaker is open, before anything was spent. */
  check(tenant: Tenant): void;
  /** Makes a call under both breakers. */
  run<T>(tenant: Tenant, call: () => Promise<T>): Promise<T>;
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

const isNoConnection = (error: Error): boolean =>
  error instanceof Failure && noConnection.has(error.cause);

/** A fault of the vendor's, not of what was asked; and not that its caller had left. */
const isFault = (error: Error): boolean =>
  error instanceof Failure &&
  (error.kind === 'timeout' ||
    (error.kind === 'unavailable' && typeof error.cause !== 'object') ||
    (error.status ?? 0) >= 500);

export function createBreakers(): Breakers {
  const upstream = createBreaker(isNoConnection);
  const tenants = new Map<Tenant, Breaker>();

  const ofTenant = (tenant: Tenant): Breaker => {
    const breaker = tenants.get(tenant) ?? createBreaker(isFault);
    tenants.delete(tenant);
    tenants.set(tenant, breaker);
    for (const oldest of tenants.keys()) {
      if (tenants.size <= mostTenants) break;
      tenants.delete(oldest);
    }
    return breaker;
  };

  return {
    check(tenant) {
      upstream.check();
      tenants.get(tenant)?.check();
    },
    run: (tenant, call) => upstream.run(() => ofTenant(tenant).run(call)),
  };
}

interface Breaker {
  check(): void;
  run<T>(call: () => Promise<T>): Promise<T>;
}

function createBreaker(counts: (error: Error) => boolean): Breaker {
  const policy = circuitBreaker(handleAll, {
    halfOpenAfter: probeEveryMs,
    breaker: new ConsecutiveBreaker(sustained),
  });
  // By the machine's clock, as the library reads it.
  let openedAt = 0;
  policy.onBreak(() => {
    openedAt = Date.now();
  });
  const open = () =>
    new Failure('unavailable', 'The breaker is open', {
      retryAfterMs: Math.max(1, openedAt + probeEveryMs - Date.now()),
    });

  return {
    check() {
      const waits = policy.state === CircuitState.Open && Date.now() - openedAt < probeEveryMs;
      // While one call probes, the others do not wait for what it finds.
      if (waits || policy.state === CircuitState.HalfOpen) throw open();
    },
    async run<T>(call: () => Promise<T>) {
      try {
        const outcome = await policy.execute(() => outcomeOf(call, counts));
        if ('value' in outcome) return outcome.value;
        throw outcome.thrown;
      } catch (error) {
        throw error instanceof BrokenCircuitError ? open() : error;
      }
    },
  };
}

/** What does not count as a fault is an answer, to the breaker: it closes on one. */
async function outcomeOf<T>(
  call: () => Promise<T>,
  counts: (error: Error) => boolean,
): Promise<{ readonly value: T } | { readonly thrown: unknown }> {
  try {
    return { value: await call() };
  } catch (error) {
    if (error instanceof Error && counts(error)) throw error;
    return { thrown: error };
  }
}
