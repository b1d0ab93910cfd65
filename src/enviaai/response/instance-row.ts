import { createHash } from 'node:crypto';
import {
  type Instance,
  type InstanceSettings,
  maxIdLength,
  type OrUnreadable,
  unreadable,
} from '#src/domain/instance.ts';
import type { OnUnreadable } from '#src/domain/read-field.ts';
import type { Row } from '#src/domain/row.ts';
import { isoDateOf } from './iso-date.ts';
import { booleanOf, type Fields, isFields, textOf } from './json-fields.ts';
import { phoneOf } from './phone.ts';
import { statusOf } from './status-word.ts';

/**
 * Parses one row of EnviaAI. Never throws, so that a bad row does not affect the others. Frozen.
 */
export function rowOf(value: unknown, onUnreadable: OnUnreadable): Row {
  if (!isFields(value)) {
    onUnreadable('row');
    return Object.freeze({ key: keyOf(value), instance: null });
  }
  const id = idOf(value['id']);
  const name = textOf(value['name']);
  if (id === null) onUnreadable('id');
  if (name === null) onUnreadable('name');
  const instance = id === null || name === null ? null : instanceOf(id, name, value);
  if (instance) reportUnreadable(instance, value, onUnreadable);
  return Object.freeze({ key: id ?? keyOf(value), instance });
}

/** Parses a row whose id and name are known. */
export function instanceOf(id: string, name: string, row: Fields): Instance {
  const settings = settingsFieldsOf(row);
  return Object.freeze({
    id,
    name,
    phone: phoneOf(row['phone']),
    status: statusOf(row['status']) ?? 'unknown',
    profileName: textOf(row['profileName']),
    profilePicUrl: urlOf(row['profilePicUrl']),
    createdAt: isoDateOf(row['createdAt']),
    lastSeenAt: isoDateOf(row['lastSeenAt']),
    // The documented example has it in the row, the table of settings lists it too [S].
    webhookUrl: urlOf(row['webhookUrl']) ?? urlOf(settings['webhookUrl']),
    webhookEvents: eventsOf(row['webhookEvents']) ?? eventsOf(settings['webhookEvents']),
    settings: settingsOf(settings),
  });
}

const settingsFieldsOf = ({ settings }: Fields): Fields => (isFields(settings) ? settings : {});

const withSymbol = [
  'phone',
  'profilePicUrl',
  'createdAt',
  'lastSeenAt',
  'webhookUrl',
] as const satisfies readonly (keyof Instance)[];

/** Reports the fields that EnviaAI sent, and that are not in the instance. */
function reportUnreadable(instance: Instance, row: Fields, onUnreadable: OnUnreadable): void {
  for (const field of withSymbol) if (instance[field] === unreadable) onUnreadable(field);
  if (instance.status === 'unknown') onUnreadable('status');
  if (instance.profileName === null && isGiven(row['profileName'])) onUnreadable('profileName');
  if (instance.settings === null && isGiven(row['settings'])) onUnreadable('settings');
  const settings = settingsFieldsOf(row);
  const events = [row['webhookEvents'], settings['webhookEvents']].filter(isGiven);
  if (!events.every(isListOfTexts)) onUnreadable('webhookEvents');
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

const isListOfTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');

export function idOf(value: unknown): string | null {
  const id = textOf(value);
  return id === null || id === '' || id.length > maxIdLength ? null : id;
}

function settingsOf(fields: Fields): InstanceSettings | null {
  const autoRead = booleanOf(fields['autoRead']);
  const autoTyping = booleanOf(fields['autoTyping']);
  return autoRead === null || autoTyping === null ? null : Object.freeze({ autoRead, autoTyping });
}

function eventsOf(value: unknown): readonly string[] | null {
  if (!Array.isArray(value)) return null;
  return Object.freeze(value.filter((event): event is string => typeof event === 'string'));
}

/** An absolute http or https URL, unchanged. Clients put it in links: no other scheme is safe. */
export function urlOf(value: unknown): OrUnreadable<string | null> {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string') return unreadable;
  return /^https?:\/\//i.test(value) && URL.canParse(value) ? value : unreadable;
}

/** The key of a row without an id: rows with equal JSON have equal keys. */
function keyOf(value: unknown): string {
  let json: string;
  try {
    json = JSON.stringify(value);
  } catch {
    // Nested deeper than the stack: JSON.parse accepts that, JSON.stringify does not.
    json = 'too deep';
  }
  return `?${createHash('sha256').update(json).digest('base64url').slice(0, 22)}`;
}
