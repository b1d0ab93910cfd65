import { type OrUnreadable, unreadable } from '#src/domain/instance.ts';

const iso =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:[Zz]|([+-])(\d\d):?(\d\d))?)?$/;

/**
 * An ISO 8601 date or time, converted to UTC with milliseconds, the only documented form [S]. Other
 * forms are accepted; one without a zone is UTC.
 */
export function isoDateOf(value: unknown): OrUnreadable<string | null> {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string') return unreadable;
  return isDocumentedForm(value) ? value : normalized(value);
}

const documented =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

/** Faster by a factor of ten than a comparison with `toISOString`; a page has 200 dates. */
function isDocumentedForm(text: string): boolean {
  if (!documented.test(text)) return false;
  const day = text.slice(8, 10);
  // Every month has 28 days.
  return (
    day <= '28' || Number(day) <= lastDayOf(Number(text.slice(0, 4)), Number(text.slice(5, 7)))
  );
}

function lastDayOf(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

function normalized(text: string): OrUnreadable<string> {
  const match = iso.exec(text);
  if (!match) return unreadable;
  const [, year = '', month = '', day = '', hour = '00', minute = '00', second = '00'] = match;
  const [fraction = '', sign = '+', offsetHour = '00', offsetMinute = '00'] = match.slice(7);
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}Z`;
  if (!isDocumentedForm(local) || offsetHour > '23' || offsetMinute > '59') return unreadable;

  const offsetMs = (Number(offsetHour) * 60 + Number(offsetMinute)) * 60_000;
  const utc = new Date(Date.parse(local) + (sign === '-' ? offsetMs : -offsetMs)).toISOString();
  // The offset may lead to a year of more than four digits.
  return utc.length === 24 ? utc : unreadable;
}
