/** The headers of a response, with names in lower case. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The value of a header, the first one if it is repeated; null: there is none. */
export function headerOf(headers: Headers, name: string): string | null {
  const value = headers[name];
  const first = typeof value === 'string' ? value : value?.[0];
  return first?.trim() ?? null;
}
