import { randomUUID } from 'node:crypto';

/**
 * The client's `x-request-id` if it consists of 1 to 128 visible ASCII characters, otherwise a new
 * UUID.
 */
export const requestIdOf = (header: string | readonly string[] | undefined): string =>
  typeof header === 'string' && /^[\x21-\x7e]{1,128}$/.test(header) ? header : randomUUID();
