import { hash } from 'node:crypto';

/** SHA-256 of an API key, in hexadecimal. It stands for the key wherever something is stored or counted by key. */
export type Tenant = string;

export const tenantOf = (apiKey: string): Tenant => hash('sha256', apiKey);
