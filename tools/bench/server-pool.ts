import { type ServerName, startSandbox, startTestedServer, type TestedServer } from './servers.ts';
import { createFleet, type ServerProcess } from './servers/fleet.ts';

/** The compared servers, all in front of one sandbox. Each starts when it is first used. */
export interface ServerPool {
  readonly sandbox: () => Promise<ServerProcess>;
  readonly servers: (names: readonly ServerName[]) => Promise<readonly TestedServer[]>;
  readonly stop: () => Promise<void>;
}

/** Rows of the account of each key, unless a scenario prepares another account. */
const defaultRows = 1000;

export function createServerPool(): ServerPool {
  const fleet = createFleet();
  const started = new Map<ServerName, Promise<TestedServer>>();
  let sandbox: Promise<ServerProcess> | undefined;

  const startedSandbox = () => (sandbox ??= startSandbox(fleet, defaultRows));
  const startedServer = (name: ServerName): Promise<TestedServer> => {
    const start = async () => startTestedServer(fleet, await startedSandbox(), name);
    const server = started.get(name) ?? start();
    started.set(name, server);
    return server;
  };
  return {
    sandbox: startedSandbox,
    servers: (names) => Promise.all(names.map(startedServer)),
    stop: () => fleet.stop(),
  };
}
