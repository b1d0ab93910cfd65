import type { Clock } from '#src/domain/clock.ts';
import type { LineState } from '#src/domain/line-state.ts';
import { createLru } from '#src/domain/lru.ts';
import { type TrackEntries, untracked } from '#src/domain/memory-usage.ts';
import type { Tenant } from '#src/domain/tenant.ts';

/** The attempts to link lines that this process knows. */
export interface LinkAttempts {
  /** Remembers the code of an attempt: EnviaAI has begun it, or renewed its code. */
  started(tenant: Tenant, id: string, state: LineState): void;
  /** The code of an attempt, if it is valid now. */
  current(tenant: Tenant, id: string): LineState | undefined;
  /** The code was scanned, or the attempt was cancelled. */
  ended(tenant: Tenant, id: string): void;
}

/** Upper bound on attempts; the least recently used are dropped. */
const maxAttempts = 10_000;

export function createLinkAttempts(
  clock: Pick<Clock, 'now' | 'wall'>,
  track: TrackEntries = untracked,
): LinkAttempts {
  const attempts = createLru<string, LineState>(maxAttempts);
  track('link_attempts', () => attempts.size);
  const keyOf = (tenant: Tenant, id: string) => `${tenant} ${id}`;
  const isValid = ({ image, expiresAt }: LineState): boolean =>
    typeof image === 'string' &&
    typeof expiresAt === 'string' &&
    Date.parse(expiresAt) > clock.now() + clock.wall().aheadMs;
  return {
    started: (tenant, id, state) => void attempts.set(keyOf(tenant, id), state),
    current(tenant, id) {
      const key = keyOf(tenant, id);
      const state = attempts.get(key);
      if (!state || isValid(state)) return state;
      attempts.delete(key);
      return undefined;
    },
    ended: (tenant, id) => void attempts.delete(keyOf(tenant, id)),
  };
}
