import type { SandboxAccount } from './account.ts';
import { type SandboxResponse, errorResponse, jsonResponse } from './response.ts';
import type { VendorRow } from './vendor-row.ts';

export interface SandboxCall {
  readonly method: string;
  /** The raw path, relative to the base URL: `/instances`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly requestId: string;
}

/** Called with the rows of a response, after the response was built. */
type OnRows = (rows: readonly VendorRow[]) => void;

/** EnviaAI's response to a call that the key and the budget allow. */
export function responseTo(
  call: SandboxCall,
  account: SandboxAccount,
  onRows: OnRows = () => {},
): SandboxResponse {
  const { path, method, requestId } = call;
  const id = /^\/instances\/([^/]+)$/.exec(path)?.[1];
  if (path !== '/instances' && id === undefined) {
    return errorResponse({ status: 404, code: 'not_found', message: 'No such path', requestId });
  }
  if (method !== 'GET') {
    const message = 'Method not allowed';
    const refusal = errorResponse({ status: 405, code: 'method_not_allowed', message, requestId });
    return { ...refusal, headers: { ...refusal.headers, allow: 'GET' } };
  }
  return id === undefined ? list(call, account, onRows) : one(id, call, account, onRows);
}

function one(
  id: string,
  { requestId }: SandboxCall,
  account: SandboxAccount,
  onRows: OnRows,
): SandboxResponse {
  const row = account.find(id);
  if (row) {
    const response = jsonResponse(200, { success: true, data: row });
    onRows([row]);
    return response;
  }
  const message = 'Instance not found';
  return errorResponse({ status: 404, code: 'instance_not_found', message, requestId });
}

/**
 * GET /v1/instances [S]. Unknown parameters are ignored; the documentation does not mention them.
 */
function list(
  { query, requestId }: SandboxCall,
  account: SandboxAccount,
  onRows: OnRows,
): SandboxResponse {
  const status = query.get('status') ?? 'all';
  const limit = wholeNumber(query.get('limit') ?? '50');
  const offset = wholeNumber(query.get('offset') ?? '0');
  const refuse = (message: string) =>
    errorResponse({ status: 400, code: 'invalid_parameters', message, requestId });

  if (!['connected', 'disconnected', 'connecting', 'all'].includes(status)) {
    return refuse('status must be one of connected, disconnected, connecting, all');
  }
  if (limit === null || limit < 1 || limit > 100) return refuse('limit must be from 1 to 100');
  if (offset === null) return refuse('offset must be 0 or more');

  // The documentation does not say whether `connecting` includes `qr_pending`; here it does not.
  const rows = account.rows();
  const matching = status === 'all' ? rows : rows.filter((row) => row.status === status);
  const data = matching.slice(offset, offset + limit);
  const total = matching.length;
  const hasMore = offset + data.length < total;
  const pagination = { total, limit, offset, hasMore };
  const response = jsonResponse(200, { success: true, data, pagination });
  onRows(data);
  return response;
}

function wholeNumber(text: string): number | null {
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}
