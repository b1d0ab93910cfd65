import type { Clock } from '#src/domain/clock.ts';
import type { LineState } from '#src/domain/line-state.ts';
import { createLru } from '#src/domain/lru.ts';
import { type TrackEntries, untracked } from '#src/domain/memory-usage.ts';
import type { Tenant } from '#src/domain/tenant.ts';

/** The attempts to link lines that this process knows, each with its current code. */
export interface LinkAttempts {
  /** EnviaAI has answered our call that begins an attempt. */
  started(tenant: Tenant, id: string, state: LineState): void;
  /** EnviaAI has renewed the code of an attempt, ours or another program's. */
  renewed(tenant: Tenant, id: string, state: LineState): void;
  /** The code of an attempt, if it is valid now. */
  current(tenant: Tenant, id: string): LineState | undefined;
  /** When our call was answered that began the attempt; undefined: it was not ours, or has ended. */
  startedAt(tenant: Tenant, id: string): number | undefined;
  /** The code was scanned, or the attempt was cancelled. */
  ended(tenant: Tenant, id: string): void;
  /** Calls `listener` after an attempt of the line was started or ended, until it is stopped. */
  onChange(tenant: Tenant, id: string, listener: () => void): () => void;
}

/** Upper bound on attempts, each with an image of 2 to 20 KB; the least recently used are dropped. */
const maxAttempts = 2000;

/**
 * A code is not believed to be valid for longer, in milliseconds, whatever `expiresAt` says: it is a
 * time by EnviaAI's wall clock, which may be ahead. The first code lasts 60 seconds.
 */
export const maxCodeMs = 180_000;

interface Attempt {
  readonly state: LineState;
  /** When the code was received. */
  readonly receivedAt: number;
  readonly startedAt: number | undefined;
}

export function createLinkAttempts(
  clock: Pick<Clock, 'now' | 'wall'>,
  track: TrackEntries = untracked,
): LinkAttempts {
  const attempts = createLru<string, Attempt>(maxAttempts);
  const listeners = new Map<string, Set<() => void>>();
  track('link_attempts', () => attempts.size);
  const keyOf = (tenant: Tenant, id: string) => `${tenant} ${id}`;
  const notify = (key: string) => {
    for (const listener of listeners.get(key) ?? []) listener();
  };

  return {
    started(tenant, id, state) {
      const key = keyOf(tenant, id);
      attempts.set(key, { state, receivedAt: clock.now(), startedAt: clock.now() });
      notify(key);
    },
    renewed(tenant, id, state) {
      const key = keyOf(tenant, id);
      const startedAt = attempts.peek(key)?.startedAt;
      attempts.set(key, { state, receivedAt: clock.now(), startedAt });
    },
    current(tenant, id) {
      const attempt = attempts.get(keyOf(tenant, id));
      if (!attempt || attempt.receivedAt + maxCodeMs <= clock.now()) return undefined;
      return isValidCode(attempt.state, clock) ? attempt.state : undefined;
    },
    startedAt: (tenant, id) => attempts.peek(keyOf(tenant, id))?.startedAt,
    ended(tenant, id) {
      const key = keyOf(tenant, id);
      if (attempts.delete(key)) notify(key);
    },
    onChange(tenant, id, listener) {
      const key = keyOf(tenant, id);
      const all = listeners.get(key) ?? new Set();
      listeners.set(key, all.add(listener));
      return () => {
        all.delete(listener);
        if (all.size === 0 && listeners.get(key) === all) listeners.delete(key);
      };
    },
  };
}

type Code = Pick<LineState, 'image' | 'expiresAt'>;

/**
 * How long the code of a state is known to be valid, in milliseconds, at most `maxCodeMs`; 0 or less:
 * it is not. EnviaAI writes its expiry by the wall clock.
 */
export const codeValidMs = (
  { image, expiresAt }: Code,
  { now, wall }: Pick<Clock, 'now' | 'wall'>,
): number =>
  typeof image === 'string' && typeof expiresAt === 'string'
    ? Math.min(maxCodeMs, Math.ceil(Date.parse(expiresAt) - now() - wall().aheadMs))
    : 0;

/** Whether a state has a code that is known to be valid now. */
export const isValidCode = (code: Code, clock: Pick<Clock, 'now' | 'wall'>): boolean =>
  codeValidMs(code, clock) > 0;
