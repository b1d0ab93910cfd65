/**
 * The key that a request presents, or null if it presents none that could be one.
 *
 * Two headers are none: which of them an intermediary checked cannot be known.
 * Only a missing header means `anonymousKey`, never one that is wrong.
 */
export function apiKeyOf(
  rawHeaders: readonly string[],
  anonymousKey: string | null = null,
): string | null {
  const presented = rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'authorization',
  );
  if (presented.length === 0) return anonymousKey;
  if (presented.length > 1) return null;
  return /^bearer +([\x21-\x7e]{1,4096})$/i.exec(presented[0] ?? '')?.[1] ?? null;
}
