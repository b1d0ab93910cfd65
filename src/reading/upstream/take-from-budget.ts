import { type Clock, sleep } from '#src/domain/clock.ts';
import { Failure } from '#src/domain/failure.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { Purpose } from '#src/enviaai/budget.ts';
import type { FairShare, ShareRequest } from './fair-share.ts';

export interface BudgetEvents {
  /** Called with the milliseconds that a call will wait for the end of a window. */
  readonly onWait?: ((ms: number) => void) | undefined;
  /** Called for each call that the budget refused. */
  readonly onDenied?: ((purpose: Purpose) => void) | undefined;
}

interface BudgetRequest extends ShareRequest {
  readonly purpose: Purpose;
  readonly signal: AbortSignal;
}

export interface BudgetParts extends BudgetEvents {
  readonly clock: Clock;
  readonly fairShare: FairShare;
  readonly waitingWrites: WaitingWrites;
}

/** The end of a window is waited for when it is this near; else the client gets `retryAfter`. */
const nearResetMs = 2000;

/**
 * Takes one call from the budget: at once, or at the end of the window if that is near. Returns its
 * ticket.
 */
export async function takeFromBudget(parts: BudgetParts, request: BudgetRequest): Promise<string> {
  const { fairShare, clock, onWait, waitingWrites } = parts;
  const { tenant, purpose, signal } = request;
  const take = () =>
    fairShare.take({
      ...request,
      reservedCalls: purpose === 'write' ? 0 : waitingWrites.count(tenant),
    });
  const grant = await take();
  if (grant.granted) return grant.ticket;
  const { retryAfterMs } = grant;
  const mayWait = purpose === 'required' || purpose === 'write';
  if (!mayWait || retryAfterMs > nearResetMs) throw denied(parts, purpose, retryAfterMs);
  onWait?.(retryAfterMs);
  await sleep(clock, retryAfterMs, signal);
  const second = await take();
  if (!second.granted) throw denied(parts, purpose, second.retryAfterMs);
  return second.ticket;
}

function denied({ onDenied }: BudgetEvents, purpose: Purpose, retryAfterMs: number): Failure {
  onDenied?.(purpose);
  return new Failure('rate-limited', 'The budget is spent', { retryAfterMs });
}

/** Writes that wait for the budget: reads leave one call for each. */
export interface WaitingWrites {
  /** Adds a write; the function removes it. */
  add(tenant: Tenant): () => void;
  count(tenant: Tenant): number;
}

export function createWaitingWrites(): WaitingWrites {
  const counts = new Map<Tenant, number>();
  const count = (tenant: Tenant): number => counts.get(tenant) ?? 0;
  return {
    count,
    add(tenant) {
      counts.set(tenant, count(tenant) + 1);
      return () => {
        const left = count(tenant) - 1;
        if (left > 0) counts.set(tenant, left);
        else counts.delete(tenant);
      };
    },
  };
}
