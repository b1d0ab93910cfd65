import type { SandboxTenants } from '#src/sandbox/account/tenants.ts';
import type { KeyState } from './control.ts';

export function keyState(tenants: SandboxTenants, key: string): KeyState {
  const { account, window, faults } = tenants.of(key);
  const { limit, remaining, resetsAt } = window.budget();
  const resetAt = resetsAt === null ? null : new Date(resetsAt).toISOString();
  return { key, total: account.rows().length, limit, remaining, resetAt, failing: faults.length };
}
