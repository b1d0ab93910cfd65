import { hash } from 'node:crypto';

/** SHA-256 of an API key, in hexadecimal. Whatever is stored or counted uses it, not the key. */
export type Tenant = string;

export const tenantOf = (apiKey: string): Tenant => hash('sha256', apiKey);

/** Upper bound on tenants whose budgets one process remembers; an LRU cache drops the others. */
export const maxTenants = 20_000;
