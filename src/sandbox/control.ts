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
import { type VendorRow, type VendorStatus, statuses } from './vendor-row.ts';
import type { LoggedCall, SandboxTenants } from './tenants.ts';

/** The key whose account a control changes. The default is `sandbox`. */
export interface ForKey {
  readonly key?: string;
}

export interface FailInput extends ForKey {
  /** Number of calls, after the calls of earlier faults; 0 clears all faults. The default is 1. */
  readonly times?: number;
  /** The default is `status`; with `delayMs` only, it is `slow`: the normal response, delayed. */
  readonly mode?: FaultMode;
  readonly status?: number;
  readonly code?: string;
  readonly retryAfter?: unknown;
  readonly delayMs?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The state of a key after a control changed it. */
export interface KeyState {
  readonly key: string;
  /** Number of instances in the account. */
  readonly total: number;
  readonly limit: number;
  readonly remaining: number;
  /** ISO 8601. Null: no window is open. */
  readonly resetAt: string | null;
  /** Number of the next calls that will fail. */
  readonly failing: number;
}

/** `POST /sandbox/<name>` in process, with the same input and result. Throws for bad input. */
export interface SandboxControl {
  status(input: ForKey & { readonly id: string; readonly status: VendorStatus }): KeyState & {
    readonly instance: VendorRow;
  };
  /**
   * `instance` overwrites fields of a generated row, with any JSON; `omit` names fields to delete.
   */
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
  /** While on, each call changes `lastSeenAt` of one of its rows, so the next response differs. */
  stir(input: ForKey & { readonly on: boolean }): KeyState;
  /** Resets the key to its first use: rows, budget, faults and calls. */
  reset(input?: ForKey): KeyState;
  /** The last 1,000 calls, oldest first. Calls without a valid key are under the empty key. */
  calls(input?: ForKey): { readonly key: string; readonly calls: readonly LoggedCall[] };
}

/** The controls by the names in their paths. Each validates its input, also in process. */
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
      const count = wholeNumberIn(fields, 'count', { from: 1, to: 10_000, fallback: 1 });
      const at = wholeNumberIn(fields, 'at', { from: 0, to: end, fallback: end });
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
        throw new BadInput(
          'Pass either remaining (requests left) or requests (requests to spend).',
        );
      }
      const requests =
        'remaining' in fields
          ? wholeNumberIn(fields, 'remaining', { from: 0, to: limit })
          : remaining - wholeNumberIn(fields, 'requests', { from: 0, to: remaining });
      window.setRemaining(requests);
      return stateOf(key);
    },
    fail(input) {
      const fields = fieldsOf(input, ['key', 'times', ...faultFields]);
      const key = keyIn(fields);
      const times = wholeNumberIn(fields, 'times', { from: 0, to: 10_000, fallback: 1 });
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
      tenants.remove(key);
      return stateOf(key);
    },
    calls(input) {
      const key = keyIn(fieldsOf(input, ['key']));
      return { key, calls: [...tenants.of(key).calls] };
    },
  };
}
