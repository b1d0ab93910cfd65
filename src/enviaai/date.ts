import { type OrUnreadable, unreadable } from '#src/domain/instance.ts';

const iso =
  /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:Z|([+-])(\d\d):?(\d\d))?)?$/;

/**
 * An ISO 8601 date or time, as UTC with milliseconds.
 * Documented is exactly that form; others are read too, and one without a zone as UTC.
 */
export function dateOf(value: unknown): OrUnreadable<string | null> {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string') return unreadable;
  return isDocumentedForm(value) ? value : normalised(value);
}

/** Only a real date comes back as it went in: February 30 would come back as March 2. */
function isDocumentedForm(text: string): boolean {
  const time = text.length === 24 ? Date.parse(text) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString() === text;
}

function normalised(text: string): OrUnreadable<string> {
  const match = iso.exec(text);
  if (!match) return unreadable;
  const [, year = '', month = '', day = '', hour = '00', minute = '00', second = '00'] = match;
  const [fraction = '', sign = '+', offsetHour = '00', offsetMinute = '00'] = match.slice(7);
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}Z`;
  if (!isDocumentedForm(local) || offsetHour > '23' || offsetMinute > '59') return unreadable;

  const offsetMs = (Number(offsetHour) * 60 + Number(offsetMinute)) * 60_000;
  const utc = new Date(Date.parse(local) + (sign === '-' ? offsetMs : -offsetMs)).toISOString();
  // An offset can lead out of the years of four digits.
  return utc.length === 24 ? utc : unreadable;
}
