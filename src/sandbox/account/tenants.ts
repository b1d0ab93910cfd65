import { LRUCache } from 'lru-cache';
import { createWebhook, type SetTimer, type Webhook } from '#src/sandbox/webhook/webhook.ts';
import type { Fault } from '#src/sandbox/wire/fault.ts';
import { type SandboxAccount, createAccount } from './account.ts';
import { type Behaviour, defaultBehaviour } from './behaviour.ts';
import { createFlap, type Flap } from './flap.ts';
import { createLines, type Lines } from './lines.ts';
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

/** A write that was performed, whether or not its caller got the response. */
export interface LoggedWrite {
  readonly call: string;
  readonly id: string;
  readonly requestId: string;
  /** The JSON body. Null: there was none. */
  readonly body: unknown;
  /** ISO 8601. */
  readonly at: string;
}

/** The state of one key. */
export interface SandboxTenant {
  readonly account: SandboxAccount;
  readonly lines: Lines;
  readonly flap: Flap;
  readonly webhook: Webhook;
  behaviour: Behaviour;
  readonly window: RateWindow;
  /** One fault for each of the next calls, in their order. */
  readonly faults: Fault[];
  readonly stir: Stir;
  /** The last calls, oldest first. */
  readonly calls: readonly LoggedCall[];
  /** The last writes, oldest first. */
  readonly writes: readonly LoggedWrite[];
  log(call: LoggedCall): void;
  logWrite(write: Omit<LoggedWrite, 'at'>): void;
  /** Applies what has happened until now: codes that expired, rows that flap. */
  settle(): void;
  /**
   * With a webhook: settles at the time of the next change, so that its event is sent although no
   * call comes.
   */
  setAlarm(): void;
  /** Ends the timers and deliveries. */
  stop(): void;
}

export interface SandboxTenants {
  /** The state of a key as of now, created at its first use. An LRU cache of 10,000 keys. */
  of(key: string): SandboxTenant;
  remove(key: string): void;
  stop(): void;
}

export interface TenantParts {
  readonly initialRows: readonly VendorRow[];
  readonly ratePerMinute: number;
  readonly now: () => number;
  readonly setTimer: SetTimer;
}

export function createTenants(parts: TenantParts): SandboxTenants {
  const byKey = new LRUCache<string, SandboxTenant>({
    max: maxKeys,
    dispose: (tenant) => tenant.stop(),
  });
  return {
    of(key) {
      const known = byKey.get(key);
      const tenant = known ?? createTenant(parts);
      if (!known) byKey.set(key, tenant);
      tenant.settle();
      return tenant;
    },
    remove: (key) => void byKey.delete(key),
    stop: () => byKey.clear(),
  };
}

function createTenant(parts: TenantParts): SandboxTenant {
  const { initialRows, ratePerMinute, now, setTimer } = parts;
  const calls: LoggedCall[] = [];
  const writes: LoggedWrite[] = [];
  const account = createAccount(initialRows, now);
  const webhook = createWebhook(setTimer);
  const lines = createLines({
    account,
    behaviour: () => tenant.behaviour,
    now,
    onEvent(event) {
      webhook.onEvent(event);
      tenant.setAlarm();
    },
  });
  let cancelAlarm = () => {};
  const tenant: SandboxTenant = {
    account,
    lines,
    flap: createFlap(account, lines, now),
    webhook,
    behaviour: defaultBehaviour,
    window: createRateWindow(ratePerMinute, now),
    faults: [],
    stir: createStir(account, now),
    calls,
    writes,
    log: (call) => append(calls, call),
    logWrite: (write) => append(writes, { ...write, at: new Date(now()).toISOString() }),
    settle() {
      lines.settle();
      tenant.flap.settle();
    },
    setAlarm() {
      cancelAlarm();
      const times = [lines.nextExpiry(), tenant.flap.nextChange()].filter(
        (time) => time !== undefined,
      );
      if (!webhook.isOn() || times.length === 0) return;
      cancelAlarm = setTimer(Math.max(0, Math.min(...times) - now()), () => {
        tenant.settle();
        tenant.setAlarm();
      });
    },
    stop() {
      cancelAlarm();
      webhook.stop();
    },
  };
  return tenant;
}

function append<T>(list: T[], entry: T): void {
  list.push(entry);
  if (list.length > maxCalls) list.shift();
}
