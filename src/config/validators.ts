import { z } from 'zod';

// Digits only: Number() would also take "1e3", "0x10" and " 5 ".
export const whole = (min: number, max: number, fallback: number) => {
  const message = `must be a whole number from ${min} to ${max}`;
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
  'must be an http or https URL without user name, password, query (?) and fragment (#)';
export const baseUrl = z
  .string()
  .refine((text) => URL.canParse(text) && isPlain(text, new URL(text)), urlMessage)
  .transform((text) => new URL(text));

function isPlain(text: string, { protocol, username, password }: URL): boolean {
  const http = protocol === 'http:' || protocol === 'https:';
  // The text, not the parsed parts: a bare "?" or "#" leaves them empty.
  return http && !username && !password && !/[?#\s]/.test(text);
}

// It may hold a password, and is never written anywhere.
export const redisUrl = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^rediss?:$/.test(new URL(text).protocol),
    'must be a redis or rediss URL: redis://user:password@host:6379/0',
  )
  .transform((text) => new URL(text));

export const origins = z
  .string()
  .transform((text) => text.split(',').map((origin) => origin.trim()))
  .refine(
    (list) => list.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin),
    'must be origins separated by commas, each a scheme, host and port without a path or final slash',
  )
  .optional();

/** A text that has to be there, in this form. */
export const given = (form: RegExp, message: string) => z.string(message).regex(form, message);
