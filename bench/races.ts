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
const alsoChanging: ReadonlySet<string> = new Set(['list of 50', 'list of 10', '20 keys mixed']);

export const races: readonly Race[] = scenarios.flatMap((scenario) => {
  const { name } = scenario;
  const unchanged: Race = { name: `${name}, unchanged`, scenario, changing: false, contenders };
  if (!alsoChanging.has(name)) return [unchanged];
  const changed: Race = {
    name: `${name}, changed`,
    scenario,
    changing: true,
    contenders: ['proxy', 'warm', 'fetched'],
  };
  return [unchanged, changed];
});
