/** SHA-256 of an API key, in hexadecimal: what is held for a key is filed under this, never under the key. */
export type Tenant = string;
