import { type Scenario, scenarios } from './scenarios.ts';
import { type Contender, contenders } from './servers.ts';

/** A scenario, and whether the upstream's rows change from call to call. */
export interface Race {
  readonly name: string;
  readonly scenario: Scenario;
  readonly changing: boolean;
  readonly contenders: readonly Contender[];
}

/** Those where what an unchanged answer saves is of interest. */
const alsoChanging: ReadonlySet<string> = new Set(['list of 50', 'list of 10']);

/** Those that say something of each server; the others are of interest for this one. */
const forAll: ReadonlySet<string> = new Set([
  'list of 50',
  'list of 10',
  '25 by id',
  '20 keys mixed',
]);

const ours: readonly Contender[] = ['proxy', 'warm', 'fetched'];
const withUsual: readonly Contender[] = ['proxy', 'usual', 'warm', 'fetched'];

export const races: readonly Race[] = scenarios.flatMap((scenario) => {
  const { name } = scenario;
  const unchanged: Race = {
    name: `${name}, unchanged`,
    scenario,
    changing: false,
    contenders: forAll.has(name) ? contenders : withUsual,
  };
  const changed: Race = {
    name: `${name}, changed`,
    scenario,
    changing: true,
    contenders: ['proxy', 'fetched'],
  };
  return alsoChanging.has(name) ? [unchanged, changed] : [unchanged];
});

/** Without the servers of others. */
export const oursIn = (race: Race): Race => ({
  ...race,
  contenders: race.contenders.filter((name) => ours.includes(name)),
});
