/** What the `Authorization` headers present: nothing, or a bearer's words, or what cannot be one's. */
export type BearerToken =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'bearer'; readonly words: string }
  | { readonly kind: 'unusable' };

/**
 * What a request presents, in at most so many characters, all visible ASCII.
 *
 * Two headers are unusable: which of them an intermediary checked cannot be known.
 */
export function bearerTokenOf(rawHeaders: readonly string[], longest: number): BearerToken {
  const presented = rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'authorization',
  );
  if (presented.length === 0) return { kind: 'nothing' };
  if (presented.length > 1) return { kind: 'unusable' };
  const words = /^bearer +([\x21-\x7e]+)$/i.exec(presented[0] ?? '')?.[1];
  return words === undefined || words.length > longest
    ? { kind: 'unusable' }
    : { kind: 'bearer', words };
}
