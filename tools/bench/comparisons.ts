import { type Scenario, scenarios } from './scenarios.ts';
import { type ServerName, serverNames } from './servers.ts';

/** One scenario, and the servers that are measured with it. */
export interface Comparison {
  readonly name: string;
  readonly scenario: Scenario;
  /** Whether a row moves after every upstream call, so that no two responses are equal. */
  readonly changing: boolean;
  readonly serverNames: readonly ServerName[];
}

/** Scenarios that show what an unchanged upstream response saves. */
const alsoChanging: ReadonlySet<string> = new Set(['list of 50', 'list of 10']);

/** Scenarios that are measured with every server; the others are without Mercurius. */
const withAllServers: ReadonlySet<string> = new Set([
  'list of 50',
  'list of 10',
  '25 by id',
  '20 keys mixed',
]);

const ours: readonly ServerName[] = ['proxy', 'warm', 'fetched'];
const withUsual: readonly ServerName[] = ['proxy', 'usual', 'warm', 'fetched'];

export const comparisons: readonly Comparison[] = scenarios.flatMap((scenario) => {
  const { name } = scenario;
  const unchanged: Comparison = {
    name: `${name}, unchanged`,
    scenario,
    changing: false,
    serverNames: withAllServers.has(name) ? serverNames : withUsual,
  };
  const changed: Comparison = {
    name: `${name}, changed`,
    scenario,
    changing: true,
    serverNames: ['proxy', 'fetched'],
  };
  return alsoChanging.has(name) ? [unchanged, changed] : [unchanged];
});

/** The comparison without the servers that are written in the usual way (`--ours`). */
export const withoutBaselines = (comparison: Comparison): Comparison => ({
  ...comparison,
  serverNames: comparison.serverNames.filter((name) => ours.includes(name)),
});
