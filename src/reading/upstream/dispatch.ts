import { type Clock, sleep } from '#src/domain/clock.ts';
import { Failure } from '#src/domain/failure.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { Budget, Purpose } from '#src/enviaai/budget.ts';
import { SentTwice } from '#src/enviaai/client/http-get.ts';
import { createBulkhead } from './bulkhead.ts';
import { createCircuitBreakers } from './circuit-breaker.ts';
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

export interface Dispatched {
  readonly sentAt: number;
  /** The call is a retry. */
  readonly again: boolean;
  /** The call's ticket of the budget. */
  readonly ticket: string;
}

/** Sends the call and reads its response. Returns what to do with the response. */
type Send<T> = (call: Dispatched) => Promise<() => T>;

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

  async function observe<T>(tenant: Tenant, call: Promise<T>): Promise<T> {
    try {
      const response = await call;
      breakers.succeeded(tenant);
      return response;
    } catch (failure) {
      breakers.failed(tenant, failure);
      throw failure;
    }
  }

  /** Sends a call that the budget has granted, unless that is in vain by now. */
  async function sendGranted<T>(
    { tenant, signal, sent }: DispatchRequest,
    { ticket, again }: Pick<Dispatched, 'ticket' | 'again'>,
    send: Send<T>,
  ): Promise<() => T> {
    try {
      if (signal.aborted) throw new Failure('unavailable', 'The caller left before the call');
      rejectedKeys.check(tenant);
      breakers.pass(tenant);
      sent();
      retryBudget.sent();
      return await observe(tenant, send({ sentAt: clock.now(), again, ticket }));
    } finally {
      // Does nothing after a call that was sent: its report has ended the ticket.
      await options.budget.release(tenant, ticket);
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
      breakers.check(tenant);
      const ticket = await takeFromBudget(options, request);
      accept = await sendGranted(request, { ticket, again }, send);
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

/** Whether EnviaAI may answer in a moment. One that says when to retry will not answer before. */
const isTransient = (failure: unknown): boolean =>
  failure instanceof Failure &&
  failure.kind === 'unavailable' &&
  failure.retryAfterMs === undefined;

/** Takes one call from the budget: at once, or at the end of the window if that is near. Returns its ticket. */
async function takeFromBudget(options: DispatchOptions, request: DispatchRequest): Promise<string> {
  const { budget, clock, onWait } = options;
  const { tenant, purpose, signal } = request;
  const grant = await budget.take(tenant, purpose, signal);
  if (grant.granted) return grant.ticket;
  const { retryAfterMs } = grant;
  if (purpose !== 'required' || retryAfterMs > nearResetMs) {
    throw denied(options, purpose, retryAfterMs);
  }
  onWait?.(retryAfterMs);
  await sleep(clock, retryAfterMs, signal);
  const second = await budget.take(tenant, purpose, signal);
  if (!second.granted) throw denied(options, purpose, second.retryAfterMs);
  return second.ticket;
}

function denied({ onDenied }: DispatchEvents, purpose: Purpose, retryAfterMs: number): Failure {
  onDenied?.(purpose);
  return new Failure('rate-limited', 'The budget is spent', { retryAfterMs });
}

const timer = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
