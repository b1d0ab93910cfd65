import { z } from 'zod';

// Digits only: Number() also accepts "1e3", "0x10" and " 5 ".
export const wholeNumber = (
  min: number,
  max: number,
  fallback: number,
  message = `must be a whole number from ${min} to ${max}`,
) => {
  return z
    .string()
    .regex(/^[0-9]{1,16}$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message)
    .default(fallback);
};

export const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, `must be one of ${values.join(', ')}`);

export const onOff = z
  .enum(['on', 'off', 'true', 'false', '1', '0'], 'must be on or off')
  .transform((value) => value === 'on' || value === 'true' || value === '1')
  .optional();

const urlMessage =
  'must be an http or https URL without a user name, password, query (?) or fragment (#)';
export const baseUrl = z
  .string()
  .refine((text) => URL.canParse(text) && isBaseUrl(text, new URL(text)), urlMessage)
  .transform((text) => new URL(text));

function isBaseUrl(text: string, { protocol, username, password }: URL): boolean {
  const http = protocol === 'http:' || protocol === 'https:';
  // The text, because the parsed parts are empty for a bare "?" or "#".
  return http && !username && !password && !/[?#\s]/.test(text);
}

/** Whether a URL is one of this machine. */
export const isLoopback = ({ hostname }: URL): boolean =>
  /^(?:(?:.+\.)?localhost|\[::1\]|127(?:\.\d+){3})$/.test(hostname);

export const pathPrefix = z
  .string()
  .regex(
    /^(?:\/[\w.~-]*[\w~-][\w.~-]*)+$/,
    'must be a path such as /api, without a final slash, dots alone, or escapes (%)',
  )
  .default('');

const hostPattern = /^(?:\[[\da-f:.]{2,45}\]|[\w.-]{1,255})(?::\d{1,5})?$/i;
export const hosts = z
  .string()
  .transform((text) => text.split(',').map((host) => host.trim().toLowerCase()))
  .refine(
    (list) => list.every((host) => hostPattern.test(host)),
    'must be host names separated by commas, such as graph.example.com or graph.example.com:4000, without a scheme or a path; an IPv6 address in brackets',
  )
  .optional();

/** A required text that matches a pattern. */
export const matching = (pattern: RegExp, message: string) =>
  z.string(message).regex(pattern, message);
