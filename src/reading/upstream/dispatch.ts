import { type Clock, sleep } from '#src/domain/clock.ts';
import { Failure } from '#src/domain/failure.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import { createCircuitBreakers } from './circuit-breaker.ts';
import type { Budget, Purpose } from '#src/enviaai/budget.ts';
import { createBulkhead } from './bulkhead.ts';
import { SentTwice } from '#src/enviaai/client/http-get.ts';
import { createRetryBudget } from './retry-budget.ts';
import { createRateLimitProbe } from './rate-limit-probe.ts';
import { createRejectedKeys } from './rejected-keys.ts';

/** Whose call it is. */
export interface DispatchRequest {
  readonly tenant: Tenant;
  readonly purpose: Purpose;
  /** Aborted when nobody waits for the call any more. */
  readonly signal: AbortSignal;
  /** Told of every call that goes out. */
  readonly sent: () => void;
}

export interface DispatchOptions {
  readonly budget: Budget;
  readonly clock: Clock;
  /** Waits between two attempts; the machine's own timer but for tests, as it takes moments. */
  readonly pause?: ((ms: number) => Promise<unknown>) | undefined;
  /** 0 to 1, for the jitter. */
  readonly random?: (() => number) | undefined;
  /** Told how long a call waited for the window to end. */
  readonly waited?: ((ms: number) => void) | undefined;
  /** Told of every call that was not sent, for the sake of the budget. */
  readonly denied?: ((purpose: Purpose) => void) | undefined;
  /** Told of every call that is sent again. */
  readonly retried?: (() => void) | undefined;
  /** Forgets what is held for a tenant whose key was refused. */
  readonly refused: (tenant: Tenant) => Promise<void>;
}

/** Makes the call, for the first time or again. */
type Ask<T> = (sentAt: number, again: boolean) => Promise<T>;

/** A window's end is waited for when it is this near; a client is told to come back otherwise. */
const nearResetMs = 2000;

/** Calls in flight: of all tenants, and of one, which hanging ones may take up. */
const room = { total: 256, perTenant: 32 };

const mostAttempts = 3;
const firstPauseMs = 100;

/**
 * Sends calls to the vendor: not for a key that it lately refused, not while it is down, not more
 * than it has room for, and none that the budget does not have. Tries again where the vendor could
 * not be reached, or was not ready (502, 503, 504), as far as there is budget for it.
 */
export function createDispatch(options: DispatchOptions) {
  const { clock, refused, retried, random = Math.random, pause = pausing } = options;
  const refusals = createRejectedKeys(clock.now);
  const breakers = createCircuitBreakers(clock.now);
  const bulkhead = createBulkhead(room);
  const allowance = createRetryBudget(clock.now);
  const caution = createRateLimitProbe();

  async function learnFrom<T>(tenant: Tenant, call: Promise<T>): Promise<T> {
    try {
      const answer = await call;
      breakers.succeeded(tenant);
      caution.succeeded(tenant);
      return answer;
    } catch (failure) {
      breakers.failed(tenant, failure);
      caution.failed(tenant, failure);
      throw failure;
    }
  }

  async function once<T>(sender: DispatchRequest, ask: Ask<T>, again: boolean): Promise<T> {
    const { tenant, signal } = sender;
    refusals.check(tenant);
    breakers.check(tenant);
    const leave = await bulkhead.enter(tenant, signal);
    let answer: T;
    try {
      // While it waited, others may have learned that it is in vain.
      refusals.check(tenant);
      breakers.pass(tenant);
      await takeFrom(options, sender);
      for (let first; (first = caution.before(tenant));) {
        await first;
        await takeAtOnce(options, sender);
      }
      sender.sent();
      allowance.sent();
      answer = await learnFrom(tenant, ask(clock.now(), again));
    } catch (failure) {
      if (refusals.remember(tenant, failure)) await refused(tenant);
      throw failure;
    } finally {
      leave();
    }
    // The key was refused meanwhile: what was on its way for it is not shown, and not kept.
    refusals.check(tenant);
    return answer;
  }

  return async function send<T>(sender: DispatchRequest, ask: Ask<T>): Promise<T> {
    for (let sent = 0; ;) {
      try {
        return await once(sender, ask, sent > 0);
      } catch (failure) {
        sent += failure instanceof SentTwice ? 2 : 1;
        const again = sent < mostAttempts && isWorthAnother(failure) && !sender.signal.aborted;
        if (!again || !allowance.take()) throw failure;
        await pause(firstPauseMs * 2 ** (sent - 1) * (0.5 + random()));
        if (sender.signal.aborted) throw failure;
        retried?.();
      }
    }
  };
}

/** Whether the vendor may answer in moments. One that says when to come back will not before. */
const isWorthAnother = (failure: unknown): boolean =>
  failure instanceof Failure &&
  failure.kind === 'unavailable' &&
  failure.retryAfterMs === undefined;

/** Takes one request from the budget: at once, or when the window ends within moments, or not at all. */
async function takeFrom(options: DispatchOptions, sender: DispatchRequest): Promise<void> {
  const { budget, clock, waited } = options;
  const { tenant, purpose, signal } = sender;
  const grant = await budget.take(tenant, purpose);
  if (grant.granted) return;
  const { retryAfterMs } = grant;
  if (purpose !== 'required' || retryAfterMs > nearResetMs) {
    throw spent(options, purpose, retryAfterMs);
  }
  waited?.(retryAfterMs);
  await sleep(clock, retryAfterMs, signal);
  await takeAtOnce(options, sender);
}

async function takeAtOnce(
  options: DispatchOptions,
  { tenant, purpose }: DispatchRequest,
): Promise<void> {
  const grant = await options.budget.take(tenant, purpose);
  if (!grant.granted) throw spent(options, purpose, grant.retryAfterMs);
}

function spent({ denied }: DispatchOptions, purpose: Purpose, retryAfterMs: number): Failure {
  denied?.(purpose);
  return new Failure('rate-limited', 'The budget is spent', { retryAfterMs });
}

const pausing = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
