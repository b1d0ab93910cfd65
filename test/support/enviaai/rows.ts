import type { Instance } from '#src/domain/instance.ts';
import { parseListResponse } from '#src/enviaai/client/instances.ts';
import { pageOf } from './adapter.ts';

const query = { status: 'all', limit: 100, offset: 0 } as const;

/** The rows of a list, given as values or as JSON. */
export function read(rows: readonly unknown[] | string) {
  const json = typeof rows === 'string' ? `{"data":${rows},"pagination":{}}` : pageOf(rows);
  return parseListResponse(
    Buffer.from(typeof json === 'string' ? json : JSON.stringify(json)),
    query,
  ).rows;
}

/** The instance of a readable row with these fields. */
export function readWith(fields: Record<string, unknown>): Instance {
  const [row] = read([{ id: 'inst_1', name: 'A', ...fields }]);
  if (!row?.instance) throw new Error('The row is not readable');
  return row.instance;
}
