import type { SandboxTenant } from '#src/sandbox/account/tenants.ts';
import type { VendorRow } from '#src/sandbox/account/vendor-row.ts';
import { Refusal } from '#src/sandbox/wire/refusal.ts';
import type { SandboxResponse } from '#src/sandbox/wire/response.ts';

export interface SandboxCall {
  readonly method: string;
  /** The raw path, relative to the base URL: `/instances`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly requestId: string;
  readonly contentType: string;
  /** Empty: there is none. Null: it is too large. */
  readonly body: string | null;
  readonly now: number;
}

export interface RoutedCall {
  readonly call: SandboxCall;
  readonly tenant: SandboxTenant;
  /** The id in the path; empty in a path without one. */
  readonly id: string;
}

/** Makes the response, and performs the write. Throws a `Refusal` before any effect. */
export type Route = (routed: RoutedCall) => SandboxResponse;

/** The current row with the id in the path, whatever the list shows. */
export function rowOf({ tenant, id }: RoutedCall): VendorRow {
  return foundRow(tenant.account.find(id));
}

export function foundRow(row: VendorRow | undefined): VendorRow {
  if (!row) throw new Refusal(404, 'instance_not_found', 'Instance not found');
  return row;
}

/** Logs a write that was performed. */
export function logWrite({ call, tenant }: RoutedCall, id: string, body: unknown): void {
  const { method, path, requestId } = call;
  tenant.logWrite({ call: `${method} ${path}`, id, requestId, body });
}
