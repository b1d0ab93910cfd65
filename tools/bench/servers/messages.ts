import type { Env } from '#src/config/config.ts';
import type { Account, Change, SandboxSettings } from './sandbox.ts';
import type { ExpectedChange, Subscription } from './subscribers.ts';

/** The settings of each kind of process. */
export interface Settings {
  readonly sandbox: SandboxSettings;
  readonly vendor: SandboxSettings;
  readonly proxy: { readonly upstream: string };
  readonly usual: { readonly upstream: string };
  readonly mercurius: { readonly upstream: string };
  readonly openResponses: { readonly firstEvent: string };
  readonly subscribers: Readonly<Record<string, never>>;
  readonly ours: Env;
}

export type Role = keyof Settings;

/**
 * A command to a process over its IPC channel. The process replies to `takeCalls` with the calls, to
 * `takeArrivals` with the arrivals, and to each other one with its figures.
 */
export type Command =
  | { readonly accounts: readonly Account[] }
  | { readonly latencyMs: number }
  | { readonly takeCalls: true }
  | { readonly change: Change }
  | { readonly subscribe: Subscription }
  | { readonly expect: ExpectedChange }
  | { readonly takeArrivals: true }
  | { readonly broadcast: string }
  | { readonly collect: true }
  | { readonly profileTo: string }
  | { readonly figures: true };

export interface Figures {
  /** User and system time since the start of the process. */
  readonly cpuMs: number;
  /** HTTP requests received since the start of the process. */
  readonly requests: number;
  readonly rssMb: number;
  /** The part of `rssMb` that is V8's young generation, in use or not. */
  readonly youngMb: number;
}
