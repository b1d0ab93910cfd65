import { Failure } from '#src/domain/failure.ts';
import type { Tenant } from '#src/domain/tenant.ts';

/** Keeps the calls of one tenant from taking all the room there is. */
export interface Bulkhead {
  /** Waits for room; resolves to what gives it back. Rejects when the signal aborts first. */
  enter(tenant: Tenant, signal: AbortSignal): Promise<() => void>;
}

export interface BulkheadOptions {
  /** Calls in flight of all tenants together. */
  readonly total: number;
  readonly perTenant: number;
}

interface Waiting {
  readonly go: () => void;
  readonly signal: AbortSignal;
}

export function createBulkhead({ total, perTenant }: BulkheadOptions): Bulkhead {
  const inFlight = new Map<Tenant, number>();
  // Tenants that wait, in the order of their turns; each one's calls in the order they came.
  const queues = new Map<Tenant, Waiting[]>();
  let taken = 0;

  const hasRoom = (tenant: Tenant) => taken < total && (inFlight.get(tenant) ?? 0) < perTenant;

  const take = (tenant: Tenant): (() => void) => {
    taken += 1;
    inFlight.set(tenant, (inFlight.get(tenant) ?? 0) + 1);
    let given = false;
    return () => {
      if (given) return;
      given = true;
      taken -= 1;
      const left = (inFlight.get(tenant) ?? 1) - 1;
      if (left > 0) inFlight.set(tenant, left);
      else inFlight.delete(tenant);
      admit();
    };
  };

  /** One call of each waiting tenant in turn, as far as there is room. */
  const admit = () => {
    for (const [tenant, queue] of queues) {
      if (taken >= total) return;
      if (!hasRoom(tenant)) continue;
      const next = queue.shift();
      queues.delete(tenant);
      if (queue.length > 0) queues.set(tenant, queue);
      next?.go();
    }
  };

  return {
    enter(tenant, signal) {
      if (hasRoom(tenant) && !queues.has(tenant)) return Promise.resolve(take(tenant));
      return new Promise((resolve, reject) => {
        const gone = () => new Failure('unavailable', 'The caller gave up waiting for its turn');
        if (signal.aborted) return reject(gone());
        const queue = queues.get(tenant) ?? [];
        const leave = () => {
          const at = queue.indexOf(waiting);
          if (at >= 0) queue.splice(at, 1);
          if (queue.length === 0 && queues.get(tenant) === queue) queues.delete(tenant);
          reject(gone());
        };
        const waiting: Waiting = {
          signal,
          go: () => {
            signal.removeEventListener('abort', leave);
            resolve(take(tenant));
          },
        };
        queue.push(waiting);
        queues.set(tenant, queue);
        signal.addEventListener('abort', leave, { once: true });
      });
    },
  };
}
