import type {
  InstanceDetails,
  InstanceHealth,
  InstanceStats,
} from '#src/domain/instance-details.ts';
import type { OnUnreadable } from '#src/domain/read-field.ts';
import { fieldOf, objectsOf } from './action-fields.ts';
import { idOf, urlOf } from './instance-row.ts';
import { isoDateOf } from './iso-date.ts';
import { intOf, isFields, textOf } from './json-fields.ts';
import { lineStatusOf, qrCodeOf } from './line-state-response.ts';
import { phoneOf } from './phone.ts';

/** Undefined: the response does not have the id. */
export function detailsOf(
  json: unknown,
  id: string,
  onUnreadable: OnUnreadable,
): InstanceDetails | undefined {
  const objects = objectsOf(json);
  const field = (name: string) => fieldOf(objects, name);
  if (idOf(field('id')) !== id) return undefined;
  return Object.freeze({
    id,
    name: textOf(field('name')),
    status: lineStatusOf(objects, onUnreadable),
    phone: phoneOf(field('phone')),
    profileName: textOf(field('profileName')),
    profilePicUrl: urlOf(field('profilePicUrl')),
    lastSeenAt: isoDateOf(field('lastSeenAt')),
    connectedAt: isoDateOf(field('connectedAt')),
    ...qrCodeOf(objects),
    stats: statsOf(field('stats')),
    health: healthOf(field('health')),
  });
}

function statsOf(value: unknown): InstanceStats | null {
  if (!isFields(value)) return null;
  return Object.freeze({
    messagesSent: intOf(value['messagesSent']),
    messagesReceived: intOf(value['messagesReceived']),
    activeChats: intOf(value['activeChats']),
    unreadMessages: intOf(value['unreadMessages']),
  });
}

function healthOf(value: unknown): InstanceHealth | null {
  if (!isFields(value)) return null;
  return Object.freeze({
    uptimeSeconds: intOf(value['uptime']),
    latencyMs: intOf(value['latency']),
    messageDeliveryRate: rateOf(value['messageDeliveryRate']),
  });
}

/** A number from 0 to 1; as text, in decimals. */
function rateOf(value: unknown): number | null {
  const rate =
    typeof value === 'string' && /^[01](?:\.\d{1,15})?$/.test(value) ? Number(value) : value;
  return typeof rate === 'number' && rate >= 0 && rate <= 1 ? rate : null;
}
