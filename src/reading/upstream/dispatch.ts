import type { Caller } from '#src/domain/caller.ts';
import type { Clock } from '#src/domain/clock.ts';
import { Failure } from '#src/domain/failure.ts';
import type { TrackEntries } from '#src/domain/memory-usage.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { Budget, Purpose } from '#src/enviaai/budget.ts';
import { SentTwice } from '#src/enviaai/client/http-send.ts';
import { createBulkhead } from './bulkhead.ts';
import { createCircuitBreakers } from './circuit-breaker.ts';
import { createFairShare } from './fair-share.ts';
import { createKeyTrials } from './key-trials.ts';
import { createRejectedKeys } from './rejected-keys.ts';
import { createRetryBudget } from './retry-budget.ts';
import {
  type BudgetEvents,
  type BudgetParts,
  createWaitingWrites,
  takeFromBudget,
} from './take-from-budget.ts';

/** Whose call is dispatched. */
export interface DispatchRequest {
  readonly tenant: Tenant;
  /** Undefined: its calls are not counted by caller. */
  readonly caller?: Caller | undefined;
  readonly purpose: Purpose;
  /** Aborted when nobody waits for the call any more. A write that was sent goes on. */
  readonly signal: AbortSignal;
  /** EnviaAI may forbid the call to a key that may read instances: reads go on after a 403. */
  readonly hasOwnScope?: boolean | undefined;
  /** Called each time a call is sent. */
  readonly sent: () => void;
}

export interface DispatchEvents extends BudgetEvents {
  /** Called for each call that was refused to a caller that had had its fair share. */
  readonly onShareDenied?: (() => void) | undefined;
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
  readonly track?: TrackEntries | undefined;
}

export interface Dispatched {
  readonly sentAt: number;
  /** The call is a retry. */
  readonly again: boolean;
  /** The call's ticket of the budget. */
  readonly ticket: string;
}

/** What a call has until it ended. */
interface Entry {
  readonly ticket: string;
  /** Frees its slot. */
  readonly leave: () => void;
}

/** Sends the call and reads its response. Returns what to do with the response. */
type Send<T> = (call: Dispatched) => Promise<() => T>;

export type Dispatch = <T>(request: DispatchRequest, send: Send<T>) => Promise<T>;

/** Calls in flight of all tenants, and of one, which calls to a hanging vendor can occupy. */
const concurrency = { total: 256, perTenant: 32 };

const maxReadAttempts = 3;

/** A live call is made again at its next interval. */
const isSentOnce = (purpose: Purpose): boolean => purpose === 'write' || purpose === 'live';

const firstPauseMs = 100;

/**
 * Sends upstream calls: none for a key that EnviaAI refused lately (rejected keys), few for new
 * keys of an address whose keys it refuses (key trials), none while EnviaAI is down (circuit
 * breaker), no more than fit (bulkhead), none that the budget or the caller's fair share does not
 * allow. Retries a read with exponential backoff and jitter after a failed connection or 502, 503,
 * 504, within a retry budget. A write is sent once, ahead of the reads that wait.
 */
export function createDispatch(options: DispatchOptions): Dispatch {
  const { clock, onRejectedKey, onRetry, random = Math.random, pause = timer } = options;
  const { track } = options;
  const rejectedKeys = createRejectedKeys(clock.now, track);
  const keyTrials = createKeyTrials(clock.now, track);
  const breakers = createCircuitBreakers(clock.now, track);
  const bulkhead = createBulkhead({ ...concurrency, track });
  const retryBudget = createRetryBudget(clock.now);
  const fairShare = createFairShare({
    budget: options.budget,
    now: clock.now,
    onDenied: options.onShareDenied,
    track,
  });
  const waitingWrites = createWaitingWrites();
  const parts: BudgetParts = { ...options, fairShare, waitingWrites };

  async function observe<T>(request: DispatchRequest, call: Promise<T>): Promise<T> {
    const { tenant } = request;
    try {
      const response = await call;
      keyTrials.accepted(request);
      breakers.succeeded(tenant);
      return response;
    } catch (failure) {
      keyTrials.failed(request, failure);
      breakers.failed(tenant, failure);
      throw failure;
    }
  }

  /** Sends a call that the budget has granted, unless that is in vain by now. */
  async function sendGranted<T>(
    request: DispatchRequest,
    { ticket, again }: Pick<Dispatched, 'ticket' | 'again'>,
    send: Send<T>,
  ): Promise<() => T> {
    const { tenant, signal, sent } = request;
    try {
      if (signal.aborted) throw new Failure('unavailable', 'The caller left before the call');
      rejectedKeys.check(request);
      breakers.pass(tenant);
      sent();
      retryBudget.sent();
      return await observe(request, send({ sentAt: clock.now(), again, ticket }));
    } finally {
      // Does nothing after a call that was sent: its report has ended the ticket.
      await options.budget.release(tenant, ticket);
    }
  }

  /** Waits for a slot and for the budget, with the check before each of what could be in vain. */
  async function enter(request: DispatchRequest): Promise<Entry> {
    const { tenant, purpose, signal } = request;
    const isFirst = purpose === 'write';
    rejectedKeys.check(request);
    breakers.check(tenant);
    const stopWaiting = isFirst ? waitingWrites.add(tenant) : undefined;
    let leave: (() => void) | undefined;
    try {
      leave = await bulkhead.enter(tenant, signal, { caller: sharerOf(request), isFirst });
      // While this call waited, others can have learned that it is in vain.
      rejectedKeys.check(request);
      breakers.check(tenant);
      return { ticket: await takeFromBudget(parts, request), leave };
    } catch (failure) {
      leave?.();
      throw failure;
    } finally {
      stopWaiting?.();
    }
  }

  async function attempt<T>(request: DispatchRequest, send: Send<T>, again: boolean): Promise<T> {
    const { ticket, leave } = await enter(request);
    let accept: () => T;
    try {
      accept = await sendGranted(request, { ticket, again }, send);
    } catch (failure) {
      if (rejectedKeys.remember(request, failure)) await onRejectedKey(request.tenant);
      throw failure;
    } finally {
      leave();
    }
    // EnviaAI refused the key meanwhile: what was read with it is not used. A write is done.
    if (request.purpose !== 'write') rejectedKeys.check(request);
    return accept();
  }

  return async function dispatch(request, send) {
    fairShare.ask(request);
    const maxAttempts = isSentOnce(request.purpose) ? 1 : maxReadAttempts;
    for (let attempts = 0; ;) {
      try {
        rejectedKeys.check(request);
        return await keyTrials.run(request, () => attempt(request, send, attempts > 0));
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

/** Callers that share a key take turns; undefined: the tenant has one caller. */
const sharerOf = ({ caller }: DispatchRequest): string | undefined =>
  caller?.kind === 'sharer' ? caller.id : undefined;

const timer = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
