import { type Clock, sleep } from '#src/domain/clock.ts';
import { Failure } from '#src/domain/failure.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { Budget, Purpose } from '#src/enviaai/budget.ts';
import { SentTwice } from '#src/enviaai/client/http-get.ts';
import { createBulkhead } from './bulkhead.ts';
import { createCircuitBreakers } from './circuit-breaker.ts';
import { createRateLimitProbe } from './rate-limit-probe.ts';
import { createRejectedKeys } from './rejected-keys.ts';
import { createRetryBudget } from './retry-budget.ts';

/** Whose call is dispatched. */
export interface DispatchRequest {
  readonly tenant: Tenant;
  readonly purpose: Purpose;
  /** Aborted when nobody waits for the call any more. */
  readonly signal: AbortSignal;
  /** Called each time a call is sent. */
  readonly sent: () => void;
}

export interface DispatchEvents {
  /** Called with the milliseconds that a call waited for the end of a window. */
  readonly onWait?: ((ms: number) => void) | undefined;
  /** Called for each call that the budget refused. */
  readonly onDenied?: ((purpose: Purpose) => void) | undefined;
  /** Called for each retry. */
  readonly onRetry?: (() => void) | undefined;
}

export interface DispatchOptions extends DispatchEvents {
  readonly budget: Budget;
  readonly clock: Clock;
  /** Waits between two attempts, in milliseconds; a real timer except in tests. */
  readonly pause?: ((ms: number) => Promise<unknown>) | undefined;
  /** 0 to 1, for the jitter. */
  readonly random?: (() => number) | undefined;
  /** Drops what is cached for a tenant whose key EnviaAI refused. */
  readonly onRejectedKey: (tenant: Tenant) => Promise<void>;
}

/** Sends the call and reads its response; `again` is true for a retry. Returns what to do with the response. */
type Send<T> = (sentAt: number, again: boolean) => Promise<() => T>;

/** The end of a window is waited for when it is this near; else the client gets `retryAfter`. */
const nearResetMs = 2000;

/** Calls in flight of all tenants, and of one, which calls to a hanging vendor can occupy. */
const concurrency = { total: 256, perTenant: 32 };

const maxAttempts = 3;
const firstPauseMs = 100;

/**
 * Sends upstream calls: none for a key that EnviaAI refused lately (rejected keys), none while EnviaAI is
 * down (circuit breaker), no more than fit (bulkhead), none that the budget does not allow. Retries with
 * exponential backoff and jitter after a failed connection or 502, 503, 504, within a retry budget.
 */
export function createDispatch(options: DispatchOptions) {
  const { clock, onRejectedKey, onRetry, random = Math.random, pause = timer } = options;
  const rejectedKeys = createRejectedKeys(clock.now);
  const breakers = createCircuitBreakers(clock.now);
  const bulkhead = createBulkhead(concurrency);
  const retryBudget = createRetryBudget(clock.now);
  const probe = createRateLimitProbe();

  async function observe<T>(tenant: Tenant, call: Promise<T>): Promise<T> {
    try {
      const response = await call;
      breakers.succeeded(tenant);
      probe.succeeded(tenant);
      return response;
    } catch (failure) {
      breakers.failed(tenant, failure);
      probe.failed(tenant, failure);
      throw failure;
    }
  }

  async function attempt<T>(request: DispatchRequest, send: Send<T>, again: boolean): Promise<T> {
    const { tenant, signal } = request;
    rejectedKeys.check(tenant);
    breakers.check(tenant);
    const leave = await bulkhead.enter(tenant, signal);
    let accept: () => T;
    try {
      // While this call waited, others can have learned that it is in vain.
      rejectedKeys.check(tenant);
      breakers.pass(tenant);
      await takeFromBudget(options, request);
      for (let running; (running = probe.before(tenant));) {
        await running;
        await takeNow(options, request);
      }
      request.sent();
      retryBudget.sent();
      accept = await observe(tenant, send(clock.now(), again));
    } catch (failure) {
      if (rejectedKeys.remember(tenant, failure)) await onRejectedKey(tenant);
      throw failure;
    } finally {
      leave();
    }
    // EnviaAI refused the key meanwhile: responses that were in flight for it are not used.
    rejectedKeys.check(tenant);
    return accept();
  }

  return async function dispatch<T>(request: DispatchRequest, send: Send<T>): Promise<T> {
    for (let attempts = 0; ;) {
      try {
        return await attempt(request, send, attempts > 0);
      } catch (failure) {
        attempts += failure instanceof SentTwice ? 2 : 1;
        const mayRetry = attempts < maxAttempts && isTransient(failure) && !request.signal.aborted;
        if (!mayRetry || !retryBudget.take()) throw failure;
        await pause(firstPauseMs * 2 ** (attempts - 1) * (0.5 + random()));
        if (request.signal.aborted) throw failure;
        onRetry?.();
      }
    }
  };
}

/**
 * Whether EnviaAI may answer in a moment: after a failed connection, 502, 503 or 504. A response
 * that says when to retry rules that out, and a firewall's refusal (401, 403) does not change in a
 * moment.
 */
const isTransient = (failure: unknown): boolean =>
  failure instanceof Failure &&
  failure.kind === 'unavailable' &&
  failure.retryAfterMs === undefined &&
  (failure.status === undefined || failure.status >= 500);

/** Takes one call from the budget: at once, or at the end of the window if that is near. */
async function takeFromBudget(options: DispatchOptions, request: DispatchRequest): Promise<void> {
  const { budget, clock, onWait } = options;
  const { tenant, purpose, signal } = request;
  const grant = await budget.take(tenant, purpose);
  if (grant.granted) return;
  const { retryAfterMs } = grant;
  if (purpose !== 'required' || retryAfterMs > nearResetMs) {
    throw denied(options, purpose, retryAfterMs);
  }
  onWait?.(retryAfterMs);
  await sleep(clock, retryAfterMs, signal);
  await takeNow(options, request);
}

async function takeNow(
  options: DispatchOptions,
  { tenant, purpose }: DispatchRequest,
): Promise<void> {
  const grant = await options.budget.take(tenant, purpose);
  if (!grant.granted) throw denied(options, purpose, grant.retryAfterMs);
}

function denied({ onDenied }: DispatchEvents, purpose: Purpose, retryAfterMs: number): Failure {
  onDenied?.(purpose);
  return new Failure('rate-limited', 'The budget is spent', { retryAfterMs });
}

const timer = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
