import { figuresOf } from '#src/sandbox/account/figures.ts';
import type { Code } from '#src/sandbox/account/lines.ts';
import type { VendorRow } from '#src/sandbox/account/vendor-row.ts';
import { Refusal } from '#src/sandbox/wire/refusal.ts';
import { jsonResponse, type SandboxResponse } from '#src/sandbox/wire/response.ts';
import { rowOf, type RoutedCall } from './routed-call.ts';

/** GET /v1/instances/{id}/status [D]. Shows every change at once. */
export function status(routed: RoutedCall): SandboxResponse {
  const row = rowOf(routed);
  const { tenant, id, call } = routed;
  const code = tenant.lines.code(id);
  const connectedAt = tenant.lines.connectedAt(row);
  return jsonResponse(200, {
    success: true,
    data: {
      id: row.id,
      name: row['name'],
      status: statusOf(routed, row, code),
      phone: row['phone'] ?? null,
      profileName: row['profileName'] ?? null,
      profilePicUrl: row['profilePicUrl'] ?? null,
      qrCode: code?.image ?? null,
      qrCodeExpiresAt: code?.expiresAt ?? null,
      lastSeenAt: row['lastSeenAt'] ?? null,
      connectedAt,
      ...figuresOf(row, connectedAt, call.now),
    },
  });
}

/** GET /v1/instances/{id}/qrcode [D]. Shows every change at once. */
export function qrCode(routed: RoutedCall): SandboxResponse {
  const { tenant, id } = routed;
  const { lines, behaviour } = tenant;
  const row = rowOf(routed);
  refuseOfficial(routed);
  const isConnected = row.status === 'connected';
  if (isConnected && behaviour.qrWhenConnected === 'fails') throw alreadyConnected();
  const starts = !isConnected && behaviour.qrEndpointStarts;
  const code = lines.code(id) ?? (starts ? lines.start(id) : undefined);
  const data = {
    qrCode: code?.image ?? null,
    expiresAt: code?.expiresAt ?? null,
    status: statusOf(routed, row, code),
  };
  return jsonResponse(200, { success: true, data });
}

/** The status of an instance at the endpoints of its connection. */
export function statusOf({ tenant }: RoutedCall, row: VendorRow, code: Code | undefined): unknown {
  return code ? tenant.behaviour.pendingInStatus : row.status;
}

/** The documentation gives no HTTP status for this code. */
export function alreadyConnected(): Refusal {
  return new Refusal(409, 'already_connected', 'Instance is already connected');
}

/** The documentation gives no HTTP status for this code. */
export function refuseOfficial({ tenant, id }: RoutedCall): void {
  if (!tenant.lines.official.has(id)) return;
  const message = 'Instances of the official API have no QR code';
  throw new Refusal(400, 'official_api_instance', message);
}
