import { randomInt, randomUUID } from 'node:crypto';
import type { Tenant } from '#src/domain/tenant.ts';
import type { RestorableBudgetStore } from '#src/store/budget-store.ts';
import * as scripts from './redis-budget-scripts.ts';
import type { RedisLink } from './redis-link.ts';
import {
  groupKeyOf,
  groupOf,
  keyBaseOf,
  type Keyspace,
  numbersOf,
  timeArgument,
} from './redis-script.ts';

/** Upper bound on an incarnation, which Redis returns as an integer. */
const maxIncarnation = 2 ** 47;

export interface RedisBudgetOptions {
  /** The id of this replica. Default: a random one. */
  readonly replicaId?: string | undefined;
  /**
   * Whether the first call of a budget that is not in Redis has to report what is left before
   * others are sent. Default: true, as Redis may have lost the budget.
   */
  readonly needsProbe?: boolean | undefined;
  /** A different number for each budget that begins. Default: a random one. */
  readonly createIncarnation?: (() => number) | undefined;
}

/**
 * The budgets that all replicas share. Times are sent and received relative to now: the scripts use
 * Redis's clock, and each replica converts the results to its clock.
 */
export function createRedisBudgetStore(
  link: Pick<RedisLink, 'run'>,
  keyspace: Keyspace,
  options: RedisBudgetOptions = {},
): RestorableBudgetStore {
  const { replicaId = randomUUID(), needsProbe = true } = options;
  const { createIncarnation = () => randomInt(1, maxIncarnation) } = options;
  const probes = needsProbe ? 1 : 0;
  const keysOf = (tenant: Tenant) => {
    const budget = `${keyBaseOf(keyspace.prefix, tenant)}:budget`;
    return {
      budget,
      index: `${groupKeyOf(keyspace.prefix, groupOf(tenant))}:budgets`,
      takers: `${budget}:takers`,
    };
  };
  const relative = (time: number | undefined, now: number) =>
    time === undefined ? '' : String(Math.round(time - now));
  const text = (value: number | undefined) => (value === undefined ? '' : String(value));

  return {
    async take(tenant, { now, assumedLimit, reserve, ticket, ticketMs, incarnation }) {
      const { budget, index, takers } = keysOf(tenant);
      const call = [ticket, ticketMs, text(incarnation), createIncarnation(), probes];
      const args = [timeArgument(keyspace), assumedLimit, reserve, replicaId, ...call];
      const [outcome = 0, activeReplicas = 1, current = 0, ...window] = numbersOf(
        await link.run(scripts.take, [budget, index, takers], args),
      );
      const [limit = 0, remaining = 0, resetInMs = 0, pausedForMs = 0, assumed = 0] = window;
      return {
        isTaken: outcome === 1,
        isPending: outcome === 2,
        activeReplicas,
        incarnation: current,
        limit,
        remaining,
        resetAtMs: now + resetInMs,
        pausedUntilMs: now + pausedForMs,
        isAssumed: assumed === 1,
      };
    },
    async update(tenant, { now, limit, remaining, resetAtMs, pausedUntilMs, ticket, end }) {
      const times = [relative(resetAtMs, now), relative(pausedUntilMs, now)];
      const reported = [text(limit), text(remaining), ...times];
      const call = [ticket ?? '', ticket === undefined ? '' : (end ?? 'answered')];
      const args = [timeArgument(keyspace), ...reported, ...call, createIncarnation(), probes];
      const { budget, index } = keysOf(tenant);
      await link.run(scripts.update, [budget, index], args);
    },
    async peek(tenant, now) {
      const reply = await link.run(scripts.peek, [keysOf(tenant).budget], [timeArgument(keyspace)]);
      const [limit, remaining, resetInMs] = numbersOf(reply);
      if (limit === undefined || remaining === undefined || resetInMs === undefined) return null;
      return { limit, remaining, resetAtMs: now + resetInMs };
    },
    async restore(tenant, known) {
      const { now, limit, remaining, tickets, ticketMs } = known;
      const times = [relative(known.resetAtMs, now), relative(known.pausedUntilMs, now)];
      const args = [
        timeArgument(keyspace),
        limit,
        remaining,
        ...times,
        ticketMs,
        createIncarnation(),
      ];
      const { budget, index } = keysOf(tenant);
      await link.run(scripts.restore, [budget, index], [...args, ...tickets]);
    },
  };
}
