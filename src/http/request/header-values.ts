/**
 * The values of all headers with this name (in lower case). Node's `headers` has only the first
 * value of some headers, and a joined text of others.
 */
export const headerValues = (rawHeaders: readonly string[], name: string): readonly string[] =>
  rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
