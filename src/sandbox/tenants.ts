import { LRUCache } from 'lru-cache';
import { type SandboxAccount, createAccount } from './account.ts';
import type { Fault } from './fault.ts';
import { createRateWindow, type RateWindow } from './rate-window.ts';
import type { VendorRow } from './vendor-row.ts';
import { createStir, type Stir } from './stir.ts';

const maxKeys = 10_000;
const maxCalls = 1000;

export interface LoggedCall {
  /** With the path relative to the base URL: `GET /instances?status=all&limit=100&offset=0`. */
  readonly call: string;
  /** Null: the call got no response, because it hung or was reset. */
  readonly status: number | null;
  readonly requestId: string;
}

/** The state of one key. */
export interface SandboxTenant {
  readonly account: SandboxAccount;
  readonly window: RateWindow;
  /** One fault for each of the next calls, in their order. */
  readonly faults: Fault[];
  readonly stir: Stir;
  /** The last calls, oldest first. */
  readonly calls: readonly LoggedCall[];
  log(call: LoggedCall): void;
}

export interface SandboxTenants {
  /** The state of a key, created at its first use. An LRU cache of 10,000 keys. */
  of(key: string): SandboxTenant;
  remove(key: string): void;
}

export interface TenantParts {
  readonly initialRows: readonly VendorRow[];
  readonly ratePerMinute: number;
  readonly now: () => number;
}

export function createTenants(parts: TenantParts): SandboxTenants {
  const byKey = new LRUCache<string, SandboxTenant>({ max: maxKeys });
  return {
    of(key) {
      const known = byKey.get(key);
      if (known) return known;
      const tenant = createTenant(parts);
      byKey.set(key, tenant);
      return tenant;
    },
    remove: (key) => void byKey.delete(key),
  };
}

function createTenant({ initialRows, ratePerMinute, now }: TenantParts): SandboxTenant {
  const calls: LoggedCall[] = [];
  const account = createAccount(initialRows);
  return {
    account,
    window: createRateWindow(ratePerMinute, now),
    faults: [],
    stir: createStir(account, now),
    calls,
    log(call) {
      calls.push(call);
      if (calls.length > maxCalls) calls.shift();
    },
  };
}
