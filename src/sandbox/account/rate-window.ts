const windowMs = 60_000;

export interface SandboxBudget {
  readonly limit: number;
  readonly remaining: number;
  /** Unix time in milliseconds. Null: no window is open. */
  readonly resetsAt: number | null;
}

export interface RateWindow {
  /** Spends one request. False: none is left. */
  take(): boolean;
  budget(): SandboxBudget;
  /** Sets the remaining requests of the open window. Opens a window if there is none. */
  setRemaining(remaining: number): void;
  /** The three headers of each response [D]. */
  headers(): Readonly<Record<string, string>>;
  /** Whole seconds until the window ends, at least 1. */
  retryAfter(): number;
}

/**
 * The rate limit of one key. The documentation says only "50 a minute" [D]. The sandbox uses fixed
 * windows of a minute, which begin with a request of the key.
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
    setRemaining(remaining) {
      open().remaining = remaining;
    },
    headers() {
      const { remaining, resetsAt } = budget();
      return {
        'x-ratelimit-limit': String(limit),
        'x-ratelimit-remaining': String(remaining),
        // Rounded up, so that the window has ended at this time.
        'x-ratelimit-reset': String(Math.ceil((resetsAt ?? now() + windowMs) / 1000)),
      };
    },
    retryAfter() {
      const { resetsAt } = budget();
      return Math.max(1, Math.ceil(((resetsAt ?? now()) - now()) / 1000));
    },
  };
}
