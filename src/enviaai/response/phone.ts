import { type OrUnreadable, unreadable } from '#src/domain/instance.ts';
import { textOf } from './json-fields.ts';

/** E.164 with its country code, which never begins with 0: the only documented form [S]. */
const international = /^[1-9]\d{6,14}$/;

/** WhatsApp's address of a phone, with the numbers of an agent and of a linked device. */
const whatsappAddress = /^(\d+)(?:[._]\d+)?(?::\d+)?@(?:s\.whatsapp\.net|c\.us)$/i;

/** Written for people. Without "+" or "00" it may be a national number, in an unknown country. */
const written = /^(?:tel:|whatsapp:)?(?:\+|00)([\d\s().\p{Pd}/]+)$/iu;

/** Longer than any form above. */
const maxLength = 64;

/**
 * A phone number in international digits. The address of a hidden number (`@lid`) or of a group has
 * digits too, but is no phone number.
 */
export function phoneOf(value: unknown): OrUnreadable<string | null> {
  if (value === undefined || value === null || value === '') return null;
  const text = textOf(value);
  if (text === null || text.length > maxLength) return unreadable;
  return international.test(text) ? text : normalized(text);
}

function normalized(text: string): OrUnreadable<string> {
  // Numbers that were copied from a page can have invisible direction marks and full-width digits.
  const plain = text
    .normalize('NFKC')
    .replaceAll(/\p{Cf}/gu, '')
    .trim();
  const digits = whatsappAddress.exec(plain)?.[1] ?? digitsOf(written.exec(plain)?.[1] ?? '');
  return international.test(digits) ? digits : unreadable;
}

/** In `+44 (0)20`, the 0 is for calls within the country only. */
const digitsOf = (text: string): string => text.replace('(0)', '').replaceAll(/\D/g, '');
