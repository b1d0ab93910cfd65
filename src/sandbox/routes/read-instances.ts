import { Refusal } from '#src/sandbox/wire/refusal.ts';
import { jsonResponse, type SandboxResponse } from '#src/sandbox/wire/response.ts';
import { foundRow, type RoutedCall } from './routed-call.ts';

/** GET /v1/instances/{id} [S]. */
export function oneInstance({ tenant, id }: RoutedCall): SandboxResponse {
  const { account, behaviour, stir } = tenant;
  const row = foundRow(behaviour.idLags ? account.findListed(id) : account.find(id));
  const response = jsonResponse(200, { success: true, data: row });
  stir.changeOneOf([row]);
  return response;
}

/**
 * GET /v1/instances [S]. Unknown parameters are ignored; the documentation does not mention them.
 */
export function listInstances({ call: { query }, tenant }: RoutedCall): SandboxResponse {
  const status = query.get('status') ?? 'all';
  const limit = wholeNumber(query.get('limit') ?? '50');
  const offset = wholeNumber(query.get('offset') ?? '0');

  if (!['connected', 'disconnected', 'connecting', 'all'].includes(status)) {
    throw invalid('status must be one of connected, disconnected, connecting, all');
  }
  if (limit === null || limit < 1 || limit > 100) throw invalid('limit must be from 1 to 100');
  if (offset === null) throw invalid('offset must be 0 or more');

  const { account, behaviour, stir } = tenant;
  const includesPending = status === 'connecting' && behaviour.connectingIncludesQrPending;
  const matching = account
    .listedRows()
    .filter(
      (row) =>
        status === 'all' ||
        row.status === status ||
        (includesPending && row.status === 'qr_pending'),
    );
  const data = matching.slice(offset, offset + limit);
  const total = matching.length;
  const hasMore = offset + data.length < total;
  const pagination = { total, limit, offset, hasMore };
  const response = jsonResponse(200, { success: true, data, pagination });
  stir.changeOneOf(data);
  return response;
}

function invalid(message: string): Refusal {
  return new Refusal(400, 'invalid_parameters', message);
}

function wholeNumber(text: string): number | null {
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}
