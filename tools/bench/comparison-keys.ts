import type { Comparison } from './comparisons.ts';
import type { ServerName } from './servers.ts';
import type { ServerProcess } from './servers/fleet.ts';

/** The keys that a server is measured with, after their accounts are prepared in the sandbox. */
export function preparedKeys(
  sandbox: ServerProcess,
  comparison: Comparison,
  name: ServerName,
): Promise<readonly string[]> {
  const { keys, keysIfFetched } = comparison.scenario;
  return prepare(sandbox, comparison, name, name === 'fetched' ? keysIfFetched : keys);
}

/** Keys that the server has never seen. */
export const newKeys = (
  sandbox: ServerProcess,
  comparison: Comparison,
  name: ServerName,
  count: number,
): Promise<readonly string[]> => prepare(sandbox, comparison, `new-${name}`, count);

async function prepare(
  sandbox: ServerProcess,
  { name, scenario, changing }: Comparison,
  prefix: string,
  count: number,
): Promise<readonly string[]> {
  const keys = Array.from(
    { length: count },
    (_, at) => `${prefix}-${name.replaceAll(/\W/g, '-')}-${at}`,
  );
  await sandbox.prepare(keys.map((key) => ({ key, rows: scenario.rows, changing })));
  return keys;
}
