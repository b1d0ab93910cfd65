import type { Race } from './races.ts';
import type { Contender } from './servers.ts';
import type { Served } from './servers/fleet.ts';

/** The keys that a server is asked with in a race, each with its account ready in the sandbox. */
export function preparedKeys(
  sandbox: Served,
  race: Race,
  name: Contender,
): Promise<readonly string[]> {
  const { keys, keysIfFetched } = race.scenario;
  return prepare(sandbox, race, name, name === 'fetched' ? keysIfFetched : keys);
}

/** Keys that the server has never been asked with. */
export const newKeys = (
  sandbox: Served,
  race: Race,
  name: Contender,
  count: number,
): Promise<readonly string[]> => prepare(sandbox, race, `new-${name}`, count);

async function prepare(
  sandbox: Served,
  { name, scenario, changing }: Race,
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
