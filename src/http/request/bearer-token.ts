import { headerValues } from './header-values.ts';

/** What the `Authorization` headers of a request contain. */
export type BearerToken =
  | { readonly kind: 'missing' }
  | { readonly kind: 'valid'; readonly token: string }
  | { readonly kind: 'invalid' };

/**
 * The bearer token of a request: 1 to `maxLength` visible ASCII characters. Two `Authorization`
 * headers are invalid, because it is not known which of them a proxy has checked.
 */
export function bearerTokenOf(rawHeaders: readonly string[], maxLength: number): BearerToken {
  const values = headerValues(rawHeaders, 'authorization');
  if (values.length === 0) return { kind: 'missing' };
  if (values.length > 1) return { kind: 'invalid' };
  const token = /^bearer +([\x21-\x7e]+)$/i.exec(values[0] ?? '')?.[1];
  return token === undefined || token.length > maxLength
    ? { kind: 'invalid' }
    : { kind: 'valid', token };
}
