import type { SandboxTenant } from '#src/sandbox/account/tenants.ts';
import { Refusal } from '#src/sandbox/wire/refusal.ts';
import { errorResponse, type SandboxResponse } from '#src/sandbox/wire/response.ts';
import type { Route, SandboxCall } from './routed-call.ts';
import { connect, disconnect } from './connect-line.ts';
import { listInstances, oneInstance } from './read-instances.ts';
import { qrCode, status } from './line-status.ts';
import { createInstance, updateInstance } from './save-instance.ts';

/** The documented calls. `DELETE` is not documented [D]. */
const table: readonly { readonly path: RegExp; readonly methods: ReadonlyMap<string, Route> }[] = [
  {
    path: /^\/instances$/,
    methods: new Map([
      ['GET', listInstances],
      ['POST', createInstance],
    ]),
  },
  {
    path: /^\/instances\/([^/]+)$/,
    methods: new Map([
      ['GET', oneInstance],
      ['PATCH', updateInstance],
    ]),
  },
  { path: /^\/instances\/([^/]+)\/status$/, methods: new Map([['GET', status]]) },
  { path: /^\/instances\/([^/]+)\/qrcode$/, methods: new Map([['GET', qrCode]]) },
  { path: /^\/instances\/([^/]+)\/connect$/, methods: new Map([['POST', connect]]) },
  { path: /^\/instances\/([^/]+)\/disconnect$/, methods: new Map([['POST', disconnect]]) },
];

/** EnviaAI's response to a call that the key and the budget allow, after its effect. */
export function responseTo(call: SandboxCall, tenant: SandboxTenant): SandboxResponse {
  const { path, method, requestId } = call;
  const refuse = (status: number, code: string, message: string) =>
    errorResponse({ status, code, message, requestId });

  const entry = table.find((entry) => entry.path.test(path));
  if (!entry) return refuse(404, 'not_found', 'No such path');
  const route = entry.methods.get(method);
  if (!route) {
    const refusal = refuse(405, 'method_not_allowed', 'Method not allowed');
    const allow = [...entry.methods.keys()].join(', ');
    return { ...refusal, headers: { ...refusal.headers, allow } };
  }
  try {
    return route({ call, tenant, id: entry.path.exec(path)?.[1] ?? '' });
  } catch (error) {
    if (error instanceof Refusal) return refuse(error.status, error.code, error.message);
    throw error;
  }
}
