/** An answer's headers, names in lower case. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** One header's value; of a repeated one, the first. */
export function headerOf(headers: Headers, name: string): string | null {
  const value = headers[name];
  const first = typeof value === 'string' ? value : value?.[0];
  return first?.trim() ?? null;
}
