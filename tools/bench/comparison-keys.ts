import type { Comparison } from './comparisons.ts';
import type { ServerName } from './servers.ts';
import type { ServerProcess } from './servers/fleet.ts';

/** The keys that a server is measured with, after their accounts are prepared in the sandbox. */
export async function preparedKeys(
  sandbox: ServerProcess,
  { name, scenario, changing }: Pick<Comparison, 'name' | 'scenario' | 'changing'>,
  server: ServerName,
): Promise<readonly string[]> {
  const keys = Array.from(
    { length: scenario.keys },
    (_, at) => `${server}-${name.replaceAll(/\W/g, '-')}-${at}`,
  );
  await sandbox.prepare(keys.map((key) => ({ key, rows: scenario.rows, changing })));
  return keys;
}
