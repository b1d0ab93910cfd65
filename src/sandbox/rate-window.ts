const windowMs = 60_000;

export interface SandboxBudget {
  readonly limit: number;
  readonly remaining: number;
  /** Unix milliseconds; null while no window is open. */
  readonly resetsAt: number | null;
}

export interface RateWindow {
  /** Spends one request; false when none is left. */
  take(): boolean;
  budget(): SandboxBudget;
  /** Sets what is left of the window that is open, opening one if none is. */
  leave(remaining: number): void;
  /** The three headers that every answer carries [D]. */
  headers(): Readonly<Record<string, string>>;
  /** Whole seconds until the window resets, at least 1. */
  retryAfter(): number;
}

/**
 * One key's requests in a minute. The table of limits says 50 a minute and no more [D]: fixed
 * windows that begin with the key's first request are the sandbox's choice.
 */
export function createRateWindow(limit: number, now: () => number): RateWindow {
  let opened: { readonly at: number; remaining: number } | undefined;

  const current = () => (opened && now() < opened.at + windowMs ? opened : undefined);
  const open = () => (opened = current() ?? { at: now(), remaining: limit });
  const budget = (): SandboxBudget => {
    const window = current();
    if (!window) return { limit, remaining: limit, resetsAt: null };
    return { limit, remaining: window.remaining, resetsAt: window.at + windowMs };
  };

  return {
    budget,
    take() {
      const window = open();
      if (window.remaining === 0) return false;
      window.remaining -= 1;
      return true;
    },
    leave(remaining) {
      open().remaining = remaining;
    },
    headers() {
      const { remaining, resetsAt } = budget();
      return {
        'x-ratelimit-limit': String(limit),
        'x-ratelimit-remaining': String(remaining),
        // Rounded up: who waits until then finds the new window open.
        'x-ratelimit-reset': String(Math.ceil((resetsAt ?? now() + windowMs) / 1000)),
      };
    },
    retryAfter() {
      const { resetsAt } = budget();
      return Math.max(1, Math.ceil(((resetsAt ?? now()) - now()) / 1000));
    },
  };
}
