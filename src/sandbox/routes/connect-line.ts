import { Refusal } from '#src/sandbox/wire/refusal.ts';
import { jsonResponse, type SandboxResponse } from '#src/sandbox/wire/response.ts';
import { type BodyFields, invalidBody, optionalBody, requiredBody } from './body-fields.ts';
import { logWrite, rowOf, type RoutedCall } from './routed-call.ts';
import { alreadyConnected, refuseOfficial, statusOf } from './line-status.ts';

/**
 * POST /v1/instances/{id}/connect [D]. `method` has no documented default, so it is required here.
 */
export function connect(routed: RoutedCall): SandboxResponse {
  const body = requiredBody(routed.call);
  const { method } = body;
  if (method !== 'qrcode' && method !== 'official') {
    throw invalidBody('method must be qrcode or official');
  }
  const row = rowOf(routed);
  if (row.status === 'connected') throw alreadyConnected();
  return method === 'qrcode' ? connectByCode(routed, body) : connectOfficial(routed, body);
}

function connectByCode(routed: RoutedCall, body: BodyFields): SandboxResponse {
  const { tenant, id } = routed;
  refuseOfficial(routed);
  const running =
    tenant.behaviour.connectWhenPending === 'same' ? tenant.lines.code(id) : undefined;
  const code = running ?? tenant.lines.start(id);
  logWrite(routed, id, body);
  return jsonResponse(200, {
    success: true,
    status: statusOf(routed, rowOf(routed), code),
    qrCode: code.image,
    qrCodeExpiresAt: code.expiresAt,
  });
}

function connectOfficial(routed: RoutedCall, body: BodyFields): SandboxResponse {
  const { tenant, id } = routed;
  for (const name of ['businessId', 'phoneNumberId', 'accessToken']) {
    const value = body[name];
    if (typeof value !== 'string' || value === '') {
      throw invalidBody(`${name} must be a string that is not empty`);
    }
  }
  tenant.lines.connect(id, {});
  tenant.lines.official.add(id);
  logWrite(routed, id, body);
  const { status } = rowOf(routed);
  return jsonResponse(200, { success: true, status, qrCode: null, qrCodeExpiresAt: null });
}

/** POST /v1/instances/{id}/disconnect [D]. It needs no body. */
export function disconnect(routed: RoutedCall): SandboxResponse {
  const body = optionalBody(routed.call);
  const { tenant, id } = routed;
  if (body?.['reason'] !== undefined && typeof body['reason'] !== 'string') {
    throw invalidBody('reason must be a string');
  }
  const { status } = rowOf(routed);
  const isPending = tenant.lines.code(id) !== undefined;
  const cancels = isPending && tenant.behaviour.disconnectWhenPending === 'cancels';
  if (status !== 'connected' && !cancels) {
    // The documentation gives no HTTP status for this code.
    throw new Refusal(409, 'instance_not_connected', 'Instance is not connected');
  }
  tenant.lines.disconnect(id);
  logWrite(routed, id, body);
  return jsonResponse(200, { success: true, message: 'Instance disconnected' });
}
