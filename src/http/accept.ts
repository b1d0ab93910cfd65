import { Refusal } from './refusal.ts';

const answers = ['application/json', 'application/graphql-response+json'];

/** For whoever comes with a browser and finds no page: the same in every configuration. */
export const aboutGraphiQL =
  'GraphiQL, the page for browsers, is there only where it is switched on.';

/** Whether a browser is at the door, and not a client that takes JSON only. */
export const acceptsHtml = (accept: string | undefined): boolean =>
  mediaRanges(accept).includes('text/html');

/** Refuses a request whose `Accept` leaves nothing to answer with, before it costs a call. */
export function assertAcceptsJson(accept: string | undefined): void {
  if (accept === undefined || accept === '*/*' || answers.includes(accept)) return;
  const ranges = mediaRanges(accept);
  const served = (range: string) =>
    range === '*/*' || range === 'application/*' || answers.includes(range);
  if (ranges.length === 0 || ranges.some(served)) return;
  const other = ranges.includes('text/html') ? ` ${aboutGraphiQL}` : '';
  throw new Refusal(406, `Answers are ${answers.join(' or ')}.${other}`);
}

const mediaRanges = (accept = ''): readonly string[] =>
  accept
    .split(',')
    .map((range) => (range.split(';')[0] ?? '').trim().toLowerCase())
    .filter((range) => range !== '');
