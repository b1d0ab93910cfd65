import type { Behaviour } from '#src/sandbox/account/behaviour.ts';
import type { QrLifetimes } from '#src/sandbox/account/lines.ts';
import type { LoggedCall, LoggedWrite } from '#src/sandbox/account/tenants.ts';
import type { VendorRow, VendorStatus } from '#src/sandbox/account/vendor-row.ts';
import type { LoggedDelivery, WebhookSettings } from '#src/sandbox/webhook/webhook.ts';
import type { Fault, FaultMode } from '#src/sandbox/wire/fault.ts';

/** The key whose account a control changes. The default is `sandbox`. */
export interface ForKey {
  readonly key?: string;
}

export interface FailInput extends ForKey {
  /** Number of calls, after the calls of earlier faults; 0 clears all faults. The default is 1. */
  readonly times?: number;
  /** The default is `status`; with `delayMs` only, it is `slow`: the normal response, delayed. */
  readonly mode?: FaultMode;
  /** The calls to which it applies. The default is `any`. */
  readonly on?: Fault['on'];
  /**
   * True: a write is performed, although its caller does not get the response. It always is with
   * `slow`, `lost`, `truncate`, `invalid-json` and a 2xx status.
   */
  readonly performed?: boolean;
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
  /** Sets a status without more, and ends an attempt to link a phone. */
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
  /** While on, each call changes `lastSeenAt` of one of its rows, so the next response differs. */
  stir(input: ForKey & { readonly on: boolean }): KeyState;
  /**
   * While on, instances connect and disconnect in turn: one every `everyMs`, or at each call. An
   * instance with a code to scan does not.
   */
  flap(input: ForKey & { readonly on: boolean; readonly everyMs?: number }): KeyState;
  /** How much later than the status and QR endpoints the list shows the changes from now on. */
  lag(input: ForKey & { readonly ms: number }): KeyState;
  /** Resets the key to its first use: rows, attempts, budget, faults, behaviour and records. */
  reset(input?: ForKey): KeyState;

  /** A phone scans the code. The default phone and profile name are the earlier ones. */
  scan(
    input: ForKey & { readonly id: string; readonly phone?: string; readonly profileName?: string },
  ): KeyState & { readonly instance: VendorRow };
  /** `expire` ends the code of `id` now, or its attempt. The rest applies to later codes. */
  qr(
    input: ForKey &
      Partial<QrLifetimes> & { readonly id?: string; readonly expire?: 'code' | 'attempt' },
  ): KeyState & QrLifetimes;
  /** Whether the instance is one of the official API, which has no QR code. */
  official(input: ForKey & { readonly id: string; readonly on: boolean }): KeyState;
  /**
   * Delivers the events of instances to a URL on this machine from now on; `url` null: to none.
   * What is left out has its default: no drop, repeat, reorder or delay, and the documented retries.
   */
  webhook(
    input: ForKey &
      ((Partial<WebhookSettings> & Pick<WebhookSettings, 'url'>) | { readonly url: null }),
  ): KeyState;

  spend(input: ForKey & { readonly remaining?: number; readonly requests?: number }): KeyState;
  fail(input?: FailInput): KeyState;
  /** Sets what the documentation leaves open. What is left out stays as it is. */
  behave(input?: ForKey & Partial<Behaviour>): KeyState & { readonly behaviour: Behaviour };
  /** The last 1,000 calls, oldest first. Calls without a valid key are under the empty key. */
  calls(input?: ForKey): { readonly key: string; readonly calls: readonly LoggedCall[] };
  /** The last 1,000 writes that were performed, oldest first. */
  writes(input?: ForKey): { readonly key: string; readonly writes: readonly LoggedWrite[] };
  /** The last 1,000 tries to deliver an event to the webhook, in the order in which they ended. */
  deliveries(input?: ForKey): {
    readonly key: string;
    readonly deliveries: readonly LoggedDelivery[];
  };
}

/** The controls by the names in their paths. Each validates its input, also in process. */
export type Controls = {
  readonly [Name in keyof SandboxControl]: (input?: unknown) => ReturnType<SandboxControl[Name]>;
};
