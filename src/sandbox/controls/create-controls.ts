import type { SandboxTenants } from '#src/sandbox/account/tenants.ts';
import { accountControls } from './account-controls.ts';
import { callControls } from './call-controls.ts';
import type { Controls } from './control.ts';
import { lineControls } from './line-controls.ts';
import { webhookControls } from './webhook-controls.ts';

export function createControls(tenants: SandboxTenants): Controls {
  return {
    ...accountControls(tenants),
    ...lineControls(tenants),
    ...webhookControls(tenants),
    ...callControls(tenants),
  };
}
