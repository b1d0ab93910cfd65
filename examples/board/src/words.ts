import type { InstanceStatus } from './graphql/graphql.ts';

const labels: Readonly<Record<InstanceStatus, string>> = {
  CONNECTED: 'Connected',
  CONNECTING: 'Connecting',
  DISCONNECTED: 'Disconnected',
  QR_PENDING: 'Waits for QR scan',
  UNKNOWN: 'Not ready',
};

export const labelOf = (status: InstanceStatus): string => labels[status];

/** "4 s old". */
export const ageOf = (at: number, now: number): string =>
  `${Math.max(0, Math.round((now - at) / 1000))} s old`;

const units = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** "3 minutes ago", "now". */
export function agoOf(at: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - at) / 1000));
  const [unit, size] = units.find(([, size]) => seconds >= size) ?? ['second', 1];
  return relative.format(-Math.floor(seconds / size), unit);
}

const clock = new Intl.DateTimeFormat('en', { timeStyle: 'medium', hourCycle: 'h23' });

/** "at 14:03:20, in 12 s". */
export function whenOf(at: number, now: number): string {
  const seconds = Math.max(0, Math.ceil((at - now) / 1000));
  return `at ${clock.format(at)}, in ${seconds} s`;
}

/**
 * Formats a Brazilian mobile number as "+55 11 99999-9999"; any other number as "+" and its digits.
 */
export function phoneOf(digits: string): string {
  return /^55\d{11}$/.test(digits)
    ? digits.replace(/^55(..)(.....)(....)$/, '+55 $1 $2-$3')
    : `+${digits}`;
}

/** "Sales WhatsApp" → "SW". */
export function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  return words
    .slice(0, 2)
    .map((word) => /^./u.exec(word)?.[0] ?? '')
    .join('')
    .toUpperCase();
}
