import type { Caller } from '#src/domain/caller.ts';
import type { Tenant } from '#src/domain/tenant.ts';

/** With whose key EnviaAI is asked. */
export interface Watcher {
  readonly tenant: Tenant;
  readonly apiKey: string;
  readonly caller: Caller;
}
