import { Failure } from '#src/domain/failure.ts';
import { type TrackEntries, untracked } from '#src/domain/memory-usage.ts';
import type { Tenant } from '#src/domain/tenant.ts';

/**
 * A bulkhead: bounds the calls in flight, and those of one tenant, so that one tenant cannot block
 * the others.
 */
export interface Bulkhead {
  /**
   * Waits for a slot; resolves to the function that releases it. Rejects when the signal aborts
   * first. Callers of one tenant take turns, so that one caller's waiting calls do not delay those
   * of another.
   */
  enter(tenant: Tenant, signal: AbortSignal, call?: BulkheadCall): Promise<() => void>;
}

export interface BulkheadCall {
  /** Undefined: the tenant has one caller. */
  readonly caller?: string | undefined;
  /** The call enters ahead of the tenant's calls that wait, after others that are first. */
  readonly isFirst?: boolean | undefined;
}

export interface BulkheadOptions {
  /** Calls in flight of all tenants together. */
  readonly total: number;
  readonly perTenant: number;
  readonly track?: TrackEntries | undefined;
}

interface WaitingCall {
  readonly caller: string;
  /** Calls of the same caller that waited when this one came; -1: the call is first. */
  readonly turn: number;
  readonly start: () => void;
  readonly signal: AbortSignal;
}

export function createBulkhead({ total, perTenant, track = untracked }: BulkheadOptions): Bulkhead {
  const inFlight = new Map<Tenant, number>();
  // Waiting tenants in round-robin order; the calls of each by turn, then first come first served.
  const queues = new Map<Tenant, WaitingCall[]>();
  let taken = 0;
  track('waiting_calls', () => [...queues.values()].reduce((sum, { length }) => sum + length, 0));

  const hasSlot = (tenant: Tenant) => taken < total && (inFlight.get(tenant) ?? 0) < perTenant;

  const take = (tenant: Tenant): (() => void) => {
    taken += 1;
    inFlight.set(tenant, (inFlight.get(tenant) ?? 0) + 1);
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      taken -= 1;
      const left = (inFlight.get(tenant) ?? 1) - 1;
      if (left > 0) inFlight.set(tenant, left);
      else inFlight.delete(tenant);
      startWaiting();
    };
  };

  /** Starts one call of each waiting tenant in turn, while there are slots. */
  const startWaiting = () => {
    for (const [tenant, queue] of queues) {
      if (taken >= total) return;
      if (!hasSlot(tenant)) continue;
      const next = queue.shift();
      queues.delete(tenant);
      if (queue.length > 0) queues.set(tenant, queue);
      next?.start();
    }
  };

  return {
    enter(tenant, signal, { caller = '', isFirst = false } = {}) {
      if (hasSlot(tenant) && !queues.has(tenant)) return Promise.resolve(take(tenant));
      return new Promise((resolve, reject) => {
        const aborted = () => new Failure('unavailable', 'The caller left before a slot was free');
        if (signal.aborted) return reject(aborted());
        const queue = queues.get(tenant) ?? [];
        const leave = () => {
          const at = queue.indexOf(waiting);
          if (at >= 0) queue.splice(at, 1);
          if (queue.length === 0 && queues.get(tenant) === queue) queues.delete(tenant);
          reject(aborted());
        };
        const waiting: WaitingCall = {
          caller,
          turn: isFirst ? -1 : queue.filter((other) => other.caller === caller).length,
          signal,
          start: () => {
            signal.removeEventListener('abort', leave);
            resolve(take(tenant));
          },
        };
        const later = queue.findIndex(({ turn }) => turn > waiting.turn);
        queue.splice(later < 0 ? queue.length : later, 0, waiting);
        queues.set(tenant, queue);
        signal.addEventListener('abort', leave, { once: true });
      });
    },
  };
}
