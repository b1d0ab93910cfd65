import { type InstanceStatus, type OrUnreadable, unreadable } from '#src/domain/instance.ts';
import type { LineState } from '#src/domain/line-state.ts';
import type { OnUnreadable } from '#src/domain/read-field.ts';
import { fieldOf, objectsOf } from './action-fields.ts';
import { isoDateOf } from './iso-date.ts';
import type { Fields } from './json-fields.ts';
import { statusOf } from './status-word.ts';

/** Of an image, as text. A QR code has 2 to 20 KB. */
const maxImageLength = 256 * 1024;

/** A line that is linked: there is nothing to scan. */
export const linked: LineState = Object.freeze({
  status: 'connected',
  image: null,
  expiresAt: null,
});

/** Undefined: the response has neither a status nor a QR code. */
export function lineStateOf(json: unknown, onUnreadable: OnUnreadable): LineState | undefined {
  const objects = objectsOf(json);
  const hasState = (['status', 'qrCode'] as const).some(
    (field) => fieldOf(objects, field) !== undefined,
  );
  if (!hasState) return undefined;
  return Object.freeze({ status: lineStatusOf(objects, onUnreadable), ...qrCodeOf(objects) });
}

/** A documented status, wherever it is: the response itself may have a status of another kind. */
export function lineStatusOf(
  objects: readonly Fields[],
  onUnreadable: OnUnreadable,
): InstanceStatus {
  for (const object of objects) {
    const status = statusOf(object['status']);
    if (status) return status;
  }
  onUnreadable('status');
  return 'unknown';
}

/** The status and connect pages call the expiry `qrCodeExpiresAt`, the QR page `expiresAt` [D]. */
export function qrCodeOf(objects: readonly Fields[]): Omit<LineState, 'status'> {
  const expiresAt = fieldOf(objects, 'qrCodeExpiresAt') ?? fieldOf(objects, 'expiresAt');
  return { image: imageOf(fieldOf(objects, 'qrCode')), expiresAt: isoDateOf(expiresAt) };
}

/** Clients use it as the source of an image: no other type, and no script, is safe. */
function imageOf(value: unknown): OrUnreadable<string | null> {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string' || value.length > maxImageLength) return unreadable;
  return /^data:image\/png;base64,[A-Za-z0-9+/]+={0,2}$/.test(value) ? value : unreadable;
}
