import { faultFields, faultIn } from './fault-input.ts';
import type { FaultMode } from './fault.ts';
import {
  BadInput,
  booleanIn,
  choiceIn,
  fieldsOf,
  isFields,
  keyIn,
  textIn,
  textsIn,
  wholeNumberIn,
} from './input.ts';
import { type VendorRow, type Status, statuses } from './vendor-row.ts';
import type { LoggedCall, SandboxTenants } from './tenants.ts';

/** Every control may name the key whose account it changes; without one it is `sandbox`. */
export interface ForKey {
  readonly key?: string;
}

export interface FailInput extends ForKey {
  /** How many calls fail, after those told to fail before; 0 clears them all. Default 1. */
  readonly times?: number;
  /** Default `status`, or `slow` (the usual answer, late) when only `delayMs` is given. */
  readonly mode?: FaultMode;
  readonly status?: number;
  readonly code?: string;
  readonly retryAfter?: unknown;
  readonly delayMs?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a key has after a control changed it. */
export interface KeyState {
  readonly key: string;
  /** How many instances its account holds. */
  readonly total: number;
  readonly limit: number;
  readonly remaining: number;
  /** ISO 8601; null while no window is open. */
  readonly resetAt: string | null;
  /** How many of the next calls will fail. */
  readonly failing: number;
}

/** `POST /sandbox/<name>` in process: the same input, the same answer, bad input throws. */
export interface SandboxControl {
  status(input: ForKey & { readonly id: string; readonly status: Status }): KeyState & {
    readonly instance: VendorRow;
  };
  /** `instance` is laid over a made-up row and may hold any JSON; `omit` takes fields away. */
  add(
    input?: ForKey & {
      readonly count?: number;
      readonly instance?: VendorRow;
      readonly omit?: readonly string[];
      readonly at?: number;
    },
  ): KeyState & { readonly added: readonly VendorRow[] };
  remove(input: ForKey & { readonly id?: string; readonly ids?: readonly string[] }): KeyState & {
    readonly removed: readonly string[];
  };
  spend(input: ForKey & { readonly remaining?: number; readonly requests?: number }): KeyState;
  fail(input?: FailInput): KeyState;
  /** While on, each answer has one of its rows heard from, so that the next one differs. */
  stir(input: ForKey & { readonly on: boolean }): KeyState;
  /** Back to how the key was before its first use: rows, budget, faults and calls. */
  reset(input?: ForKey): KeyState;
  /** The last 1,000, oldest first; the empty key has those that came without a usable one. */
  calls(input?: ForKey): { readonly key: string; readonly calls: readonly LoggedCall[] };
}

/** The names match the paths; every function reads its input as if it came over HTTP. */
export type Controls = {
  readonly [Name in keyof SandboxControl]: (input?: unknown) => ReturnType<SandboxControl[Name]>;
};

export function createControls(tenants: SandboxTenants): Controls {
  const stateOf = (key: string): KeyState => {
    const { account, window, faults } = tenants.of(key);
    const { limit, remaining, resetsAt } = window.budget();
    const resetAt = resetsAt === null ? null : new Date(resetsAt).toISOString();
    return { key, total: account.rows().length, limit, remaining, resetAt, failing: faults.length };
  };

  return {
    status(input) {
      const fields = fieldsOf(input, ['key', 'id', 'status']);
      const key = keyIn(fields);
      const id = textIn(fields, 'id');
      const instance = tenants.of(key).account.setStatus(id, choiceIn(fields, 'status', statuses));
      if (!instance) throw new BadInput(`The account has no instance "${id}".`);
      return { ...stateOf(key), instance };
    },
    add(input) {
      const fields = fieldsOf(input, ['key', 'count', 'instance', 'omit', 'at']);
      const key = keyIn(fields);
      const { account } = tenants.of(key);
      const end = account.rows().length;
      const instance = fields['instance'] ?? {};
      if (!isFields(instance)) throw new BadInput('instance must be an object.');
      const count = wholeNumberIn(fields, 'count', { from: 1, to: 10_000, unless: 1 });
      const at = wholeNumberIn(fields, 'at', { from: 0, to: end, unless: end });
      const added = account.add(count, at, instance, textsIn(fields, 'omit'));
      return { ...stateOf(key), added };
    },
    remove(input) {
      const fields = fieldsOf(input, ['key', 'id', 'ids']);
      const key = keyIn(fields);
      const removed = 'ids' in fields ? textsIn(fields, 'ids') : [textIn(fields, 'id')];
      const { account } = tenants.of(key);
      const absent = removed.find((id) => !account.find(id));
      if (absent !== undefined) throw new BadInput(`The account has no instance "${absent}".`);
      account.remove(new Set(removed));
      return { ...stateOf(key), removed };
    },
    spend(input) {
      const fields = fieldsOf(input, ['key', 'remaining', 'requests']);
      const key = keyIn(fields);
      const { window } = tenants.of(key);
      const { limit, remaining } = window.budget();
      if ('remaining' in fields === 'requests' in fields) {
        throw new BadInput('Say either remaining (what is left) or requests (how many to spend).');
      }
      const left =
        'remaining' in fields
          ? wholeNumberIn(fields, 'remaining', { from: 0, to: limit })
          : remaining - wholeNumberIn(fields, 'requests', { from: 0, to: remaining });
      window.leave(left);
      return stateOf(key);
    },
    fail(input) {
      const fields = fieldsOf(input, ['key', 'times', ...faultFields]);
      const key = keyIn(fields);
      const times = wholeNumberIn(fields, 'times', { from: 0, to: 10_000, unless: 1 });
      const fault = faultIn(fields);
      const { faults } = tenants.of(key);
      if (times === 0) faults.length = 0;
      for (let index = 0; index < times; index += 1) faults.push(fault);
      return stateOf(key);
    },
    stir(input) {
      const fields = fieldsOf(input, ['key', 'on']);
      const key = keyIn(fields);
      tenants.of(key).stir.on = booleanIn(fields, 'on');
      return stateOf(key);
    },
    reset(input) {
      const key = keyIn(fieldsOf(input, ['key']));
      tenants.forget(key);
      return stateOf(key);
    },
    calls(input) {
      const key = keyIn(fieldsOf(input, ['key']));
      return { key, calls: [...tenants.of(key).calls] };
    },
  };
}
