import type { Caller } from '#src/domain/caller.ts';
import { Failure } from '#src/domain/failure.ts';
import { createLru } from '#src/domain/lru.ts';
import { type TrackEntries, untracked } from '#src/domain/memory-usage.ts';
import { maxTenants, type Tenant } from '#src/domain/tenant.ts';

/**
 * Bounds the calls for keys that EnviaAI refuses, by client address: guessed keys must not spend
 * this server's standing at EnviaAI. A key that EnviaAI has accepted is not limited. Any other key
 * is on trial while its calls are in flight, and each refusal (401) takes a token of its address.
 */
export interface KeyTrials {
  /**
   * Runs a call. On trial, it waits while its address has the most trials in flight, and rejects
   * with `too-many-keys` where refusals have taken the address's tokens.
   */
  run<T>(request: TrialRequest, call: () => Promise<T>): Promise<T>;
  /** EnviaAI answered a call with this key. */
  accepted(request: TrialRequest): void;
  /** EnviaAI did not answer a call with this key; the failure may refuse the key. */
  failed(request: TrialRequest, failure: unknown): void;
}

export interface TrialRequest {
  readonly tenant: Tenant;
  /** A caller that sends no key has none on trial. */
  readonly caller?: Caller | undefined;
  /** Aborted when nobody waits for the call any more. */
  readonly signal: AbortSignal;
}

/** Refusals at once, and in a minute, for one address. */
const maxRefusals = 30;
const minuteMs = 60_000;
const msPerToken = minuteMs / maxRefusals;

/**
 * Keys of one address whose first call is in flight. After a restart, every key behind a proxy is
 * new, so that this is large: 600 refused keys at once are at most this many calls.
 */
const maxTrials = 250;

/** The address used least recently is forgotten, with its tokens and the count of its trials. */
const maxAddresses = 20_000;

interface Address {
  /** Token bucket; negative after refusals of calls that one key had in flight at the same time. */
  tokens: number;
  refilledAt: number;
  /** Calls in flight of each key on trial. */
  readonly trials: Map<Tenant, number>;
  /** Wake the calls that wait for the end of a trial, in their order. */
  readonly waiting: Set<() => void>;
}

export function createKeyTrials(now: () => number, track: TrackEntries = untracked): KeyTrials {
  const acceptedKeys = createLru<Tenant, true>(maxTenants);
  const addresses = createLru<string, Address>(maxAddresses);
  track('accepted_keys', () => acceptedKeys.size);
  track('client_addresses', () => addresses.size);

  function stateOf(address: string): Address {
    const at = now();
    const state = addresses.get(address) ?? {
      tokens: maxRefusals,
      refilledAt: at,
      trials: new Map(),
      waiting: new Set(),
    };
    addresses.set(address, state);
    const refill = Math.max(0, at - state.refilledAt) / msPerToken;
    state.tokens = Math.min(maxRefusals, state.tokens + refill);
    state.refilledAt = at;
    return state;
  }

  /** Waits for a place for this key; returns the state that its trial counts in. */
  async function begin(address: string, { tenant, signal }: TrialRequest): Promise<Address | null> {
    let waitedAt: Address | null = null;
    try {
      while (!acceptedKeys.has(tenant)) {
        const state = stateOf(address);
        const calls = state.trials.get(tenant) ?? 0;
        if (calls > 0 || (state.tokens >= 1 && state.trials.size < maxTrials)) {
          state.trials.set(tenant, calls + 1);
          return state;
        }
        if (state.tokens < 1) {
          throw new Failure('too-many-keys', 'EnviaAI refused many keys of this address', {
            retryAfterMs: (1 - state.tokens) * msPerToken,
          });
        }
        waitedAt = state;
        await turnOf(state, signal);
      }
      return null;
    } finally {
      // This call may have taken no place; waking all at each end would be quadratic.
      if (waitedAt) wakeNext(waitedAt);
    }
  }

  function end(state: Address, tenant: Tenant): void {
    const calls = state.trials.get(tenant) ?? 1;
    if (calls > 1) state.trials.set(tenant, calls - 1);
    else state.trials.delete(tenant);
    wakeNext(state);
  }

  return {
    async run(request, call) {
      const { caller, tenant } = request;
      if (caller?.kind !== 'key-holder' || acceptedKeys.get(tenant)) return call();
      const state = await begin(caller.address, request);
      try {
        return await call();
      } finally {
        if (state) end(state, tenant);
      }
    },
    accepted({ tenant, caller }) {
      if (caller?.kind === 'key-holder') acceptedKeys.set(tenant, true);
    },
    failed({ tenant, caller }, failure) {
      if (caller?.kind !== 'key-holder') return;
      if (!(failure instanceof Failure) || failure.kind !== 'unauthorized') return;
      acceptedKeys.delete(tenant);
      const state = stateOf(caller.address);
      // Not below the tokens of a minute, so that no address waits for longer than two.
      state.tokens = Math.max(-maxRefusals, state.tokens - 1);
    },
  };
}

/** Wakes the call that has waited longest, if it could begin or fail now. */
function wakeNext({ trials, tokens, waiting }: Address): void {
  const [wake] = waiting;
  if (!wake || (trials.size >= maxTrials && tokens >= 1)) return;
  waiting.delete(wake);
  wake();
}

/** Resolves when `wakeNext` selects this call; rejects if the signal aborts first. */
function turnOf({ waiting }: Address, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      waiting.delete(wake);
      reject(new Failure('unavailable', 'The caller left before its key was tried'));
    };
    const wake = () => {
      signal.removeEventListener('abort', leave);
      resolve();
    };
    if (signal.aborted) return leave();
    signal.addEventListener('abort', leave, { once: true });
    waiting.add(wake);
  });
}
