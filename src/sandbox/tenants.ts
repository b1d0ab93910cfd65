import { type SandboxAccount, createAccount } from './account.ts';
import type { Fault } from './fault.ts';
import { createRateWindow, type RateWindow } from './rate-window.ts';
import type { VendorRow } from './vendor-row.ts';
import { createStir, type Stir } from './stir.ts';

const maxKeys = 10_000;
const maxCalls = 1000;

export interface LoggedCall {
  /** `GET /instances?status=all&limit=100&offset=0`, the path relative to the base URL. */
  readonly call: string;
  /** Null where the call got no answer: it hung or was reset. */
  readonly status: number | null;
  readonly requestId: string;
}

/** All that belongs to one key. */
export interface SandboxTenant {
  readonly account: SandboxAccount;
  readonly window: RateWindow;
  /** The faults of the next calls, one each, the first one's first. */
  readonly faults: Fault[];
  /** Whether its rows change by themselves. */
  readonly stir: Stir;
  /** The last calls, oldest first. */
  readonly calls: readonly LoggedCall[];
  log(call: LoggedCall): void;
}

export interface SandboxTenants {
  /** The key's own, made at its first use. The key used least recently is dropped past 10,000. */
  of(key: string): SandboxTenant;
  forget(key: string): void;
}

export interface TenantParts {
  readonly start: readonly VendorRow[];
  readonly ratePerMinute: number;
  readonly now: () => number;
}

export function createTenants(parts: TenantParts): SandboxTenants {
  const byKey = new Map<string, SandboxTenant>();
  return {
    of(key) {
      const tenant = byKey.get(key) ?? createTenant(parts);
      byKey.delete(key);
      byKey.set(key, tenant);
      for (const oldest of byKey.keys()) {
        if (byKey.size <= maxKeys) break;
        byKey.delete(oldest);
      }
      return tenant;
    },
    forget: (key) => void byKey.delete(key),
  };
}

function createTenant({ start, ratePerMinute, now }: TenantParts): SandboxTenant {
  const calls: LoggedCall[] = [];
  const account = createAccount(start);
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
