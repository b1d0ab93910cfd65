/**
 * Copies of what is cached for longer than the request that it came with. V8 represents a part of a
 * long text as a view, which keeps the whole text in memory, and Node takes small buffers from a
 * block of 8 KB.
 */

/** The text in memory of its own. */
export const copyText = (text: string): string => Buffer.from(text, 'utf16le').toString('utf16le');

/** The bytes in memory of their own. */
export function copyBytes(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}
