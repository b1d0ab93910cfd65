import { type Contender, type Contestant, startContestant, startSandbox } from './servers.ts';
import { createFleet, type Served } from './servers/fleet.ts';

/** The servers that are compared, all over one sandbox; each is started when it is first asked for. */
export interface Field {
  readonly sandbox: () => Promise<Served>;
  readonly contestants: (names: readonly Contender[]) => Promise<readonly Contestant[]>;
  readonly stop: () => Promise<void>;
}

/** Rows of each key's account, where a scenario does not say otherwise. */
const rows = 1000;

export function createField(): Field {
  const fleet = createFleet();
  const started = new Map<Contender, Promise<Contestant>>();
  let sandbox: Promise<Served> | undefined;

  const startedSandbox = () => (sandbox ??= startSandbox(fleet, rows));
  const contestant = (name: Contender): Promise<Contestant> => {
    const start = async () => startContestant(fleet, await startedSandbox(), name);
    const running = started.get(name) ?? start();
    started.set(name, running);
    return running;
  };
  return {
    sandbox: startedSandbox,
    contestants: (names) => Promise.all(names.map(contestant)),
    stop: () => fleet.stop(),
  };
}
