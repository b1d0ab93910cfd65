import { unreadable } from '#src/domain/instance.ts';
import type { InstanceFields } from '#src/domain/instance-fields.ts';
import type { OnUnreadable } from '#src/domain/read-field.ts';
import type { Row } from '#src/domain/row.ts';
import { objectsOf } from './action-fields.ts';
import { idOf, instanceOf, rowOf } from './instance-row.ts';
import { type Fields, isFields, textOf } from './json-fields.ts';

/** The row of a created instance; undefined: the response has no readable id. */
export function createdRowOf(json: unknown, onUnreadable: OnUnreadable): Row | undefined {
  const created = objectsOf(json).find(hasId);
  return created && rowOf(created, onUnreadable);
}

/**
 * What the response to an update says of the instance, which EnviaAI documents as a part of its
 * fields [D]. Undefined: the response has no readable field, or is about another instance.
 */
export function instanceFieldsOf(json: unknown, id: string): InstanceFields | undefined {
  const objects = objectsOf(json);
  const updated = objects.find(hasId) ?? objects.find((object) => textOf(object['name']) !== null);
  if (!updated || (hasId(updated) && idOf(updated['id']) !== id)) return undefined;
  return readableFieldsOf(id, updated);
}

const hasId = (object: Fields): boolean => idOf(object['id']) !== null;

function readableFieldsOf(id: string, row: Fields): InstanceFields {
  const name = textOf(row['name']);
  const instance = instanceOf(id, name ?? '', row);
  const settings = isFields(row['settings']) ? row['settings'] : {};
  const has = (field: string) => row[field] !== undefined;
  const hasAnywhere = (field: string) => has(field) || settings[field] !== undefined;
  const { phone, status, webhookEvents, profilePicUrl, createdAt, lastSeenAt, webhookUrl } =
    instance;
  return Object.freeze({
    id,
    ...(name !== null && { name }),
    ...(has('phone') && phone !== unreadable && { phone }),
    ...(has('status') && { status }),
    ...(has('profileName') && { profileName: instance.profileName }),
    ...(has('profilePicUrl') && profilePicUrl !== unreadable && { profilePicUrl }),
    ...(has('createdAt') && createdAt !== unreadable && { createdAt }),
    ...(has('lastSeenAt') && lastSeenAt !== unreadable && { lastSeenAt }),
    ...(hasAnywhere('webhookUrl') && webhookUrl !== unreadable && { webhookUrl }),
    ...(webhookEvents !== null && { webhookEvents }),
    ...(instance.settings !== null && { settings: instance.settings }),
  });
}
