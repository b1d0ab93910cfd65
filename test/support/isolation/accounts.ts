import type { Answer, Started } from '#test/support/start.ts';

/**
 * Accounts that have the same ids, and nothing else in common: names and sizes tell whose a row is.
 */
export interface Account {
  readonly key: string;
  readonly total: number;
}

export const keys: readonly string[] = Array.from({ length: 20 }, (_, index) => `key-${index}`);

export const idOf = (index: number): string => `inst_${String(index).padStart(6, '0')}`;

export function fillAccounts({ sandbox }: Started): Account[] {
  return keys.map((key, number) => {
    const total = 110 + number;
    for (let index = 0; index < total; index += 1) {
      const status = ['connected', 'disconnected', 'connecting'][index % 3];
      const instance = { id: idOf(index), name: `${key} has ${index}`, status };
      sandbox.control.add({ key, instance });
    }
    return { key, total };
  });
}

/** What in an answer is not this account's. */
export function strangersIn({ key, total }: Account, { text, data }: Answer): string[] {
  const names = [...text.matchAll(/"name":"([^"]*)"/g)].map(([, name = '']) => name);
  const strangers = names.filter((name) => !name.startsWith(`${key} has `));
  const count = data?.all?.totalCount;
  return count === undefined || count === total ? strangers : [...strangers, `${count} rows`];
}
