import type { VendorRow } from '#src/sandbox/account/vendor-row.ts';
import { Refusal } from '#src/sandbox/wire/refusal.ts';
import { jsonResponse, type SandboxResponse } from '#src/sandbox/wire/response.ts';
import { type BodyFields, invalidBody, isFields, requiredBody } from './body-fields.ts';
import { logWrite, rowOf, type RoutedCall } from './routed-call.ts';

/** The defaults of the create page [D]. */
const defaultSettings = { autoRead: false, autoTyping: true };

/** POST /v1/instances [D]: the new instance is the last of the list, without `lastSeenAt`. */
export function createInstance(routed: RoutedCall): SandboxResponse {
  const { call, tenant } = routed;
  const body = requiredBody(call);
  if (!('name' in body)) throw invalidBody('name is required');
  const { settings, ...given } = changesIn(body);
  const row = tenant.account.create((id) => ({
    id,
    name: given['name'],
    phone: null,
    status: 'disconnected',
    profileName: null,
    profilePicUrl: null,
    createdAt: new Date(call.now).toISOString(),
    webhookUrl: given['webhookUrl'] ?? null,
    webhookEvents: given['webhookEvents'] ?? [],
    settings: { ...defaultSettings, ...settings },
  }));
  logWrite(routed, String(row.id), body);
  return jsonResponse(201, { success: true, data: row });
}

/** PATCH /v1/instances/{id} [D]: the response has a part of the instance. */
export function updateInstance(routed: RoutedCall): SandboxResponse {
  const { call, tenant } = routed;
  const body = requiredBody(call);
  const { settings, ...given } = changesIn(body);
  if (settings === undefined && Object.keys(given).length === 0) {
    throw invalidBody('At least one of name, webhookUrl, webhookEvents, settings is required');
  }
  const before = rowOf(routed);
  const row = tenant.account.update(routed.id, {
    ...given,
    ...(settings && { settings: { ...settingsBefore(routed, before), ...settings } }),
  });
  logWrite(routed, routed.id, body);
  const data = {
    id: row.id,
    name: row['name'],
    webhookUrl: row['webhookUrl'] ?? null,
    settings: row['settings'],
  };
  return jsonResponse(200, { success: true, data });
}

function settingsBefore({ tenant }: RoutedCall, row: VendorRow): BodyFields {
  if (!tenant.behaviour.mergeSettings) return defaultSettings;
  return isFields(row['settings']) ? row['settings'] : defaultSettings;
}

/** The documented fields of a body. Throws a `Refusal` for a value that is not valid. */
function changesIn(body: BodyFields): VendorRow & { readonly settings?: BodyFields } {
  const { name, webhookUrl, webhookEvents, settings } = body;
  if (name !== undefined && (typeof name !== 'string' || name.trim() === '')) {
    throw invalidBody('name must be a string that is not empty');
  }
  if (webhookUrl !== undefined && webhookUrl !== null && !isHttpUrl(webhookUrl)) {
    throw new Refusal(400, 'invalid_webhook_url', 'webhookUrl must be an http or https URL');
  }
  if (webhookEvents !== undefined && !isTexts(webhookEvents)) {
    throw invalidBody('webhookEvents must be a list of event names');
  }
  return {
    ...(name !== undefined && { name }),
    ...(webhookUrl !== undefined && { webhookUrl }),
    ...(webhookEvents !== undefined && { webhookEvents }),
    ...(settings !== undefined && { settings: settingsIn(settings) }),
  };
}

function settingsIn(settings: unknown): BodyFields {
  if (!isFields(settings)) throw invalidBody('settings must be an object');
  const known = Object.keys(defaultSettings).filter((name) => settings[name] !== undefined);
  const wrong = known.find((name) => typeof settings[name] !== 'boolean');
  if (wrong !== undefined) throw invalidBody(`settings.${wrong} must be true or false`);
  return Object.fromEntries(known.map((name) => [name, settings[name]]));
}

function isHttpUrl(value: unknown): boolean {
  return typeof value === 'string' && /^https?:\/\//i.test(value) && URL.canParse(value);
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '');
}
