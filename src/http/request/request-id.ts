import { randomUUID } from 'node:crypto';

/** The caller's `x-request-id` if it can stand in a header and a log line as it is, else a new one. */
export const requestIdOf = (header: string | readonly string[] | undefined): string =>
  typeof header === 'string' && /^[\x21-\x7e]{1,128}$/.test(header) ? header : randomUUID();
