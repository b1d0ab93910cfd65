import { renaming, type Scenario, scenarioNamed } from './scenarios.ts';
import { type ServerName, serverNames } from './servers.ts';

/** One scenario, and the servers that are measured with it. */
export interface Comparison {
  readonly name: string;
  readonly description: string;
  readonly scenario: Scenario;
  /** Whether a row moves after every upstream call, so that no two responses are equal. */
  readonly changing: boolean;
  readonly connections: number;
  readonly serverNames: readonly ServerName[];
  /** Duration of a round, as a part of the duration that was asked for. */
  readonly share: number;
}

export const defaultConnections = 32;

const short: readonly ServerName[] = ['proxy', 'warm', 'fetched'];

const comparisonOf = (scenario: Scenario, rest: Partial<Comparison> = {}): Comparison => ({
  name: scenario.name,
  description: scenario.description,
  scenario,
  changing: false,
  connections: defaultConnections,
  serverNames,
  share: 1,
  ...rest,
});

/** Those of the README's table. */
const withAllServers = [
  'list of 50, edges',
  'list of 50, nodes',
  'list of 10',
  '25 by id',
  '20 keys mixed',
].map((name) => comparisonOf(scenarioNamed(name)));

const relayPage = scenarioNamed('list of 50, edges');

const byConnections = [1, 8, 64].map((connections) =>
  comparisonOf(relayPage, {
    name: `list of 50, edges, ${connections} ${connections === 1 ? 'connection' : 'connections'}`,
    connections,
    serverNames: short,
    share: 0.4,
  }),
);

export const comparisons: readonly Comparison[] = [
  ...withAllServers,
  ...byConnections,
  comparisonOf(relayPage, {
    name: 'list of 50, edges, changed',
    description: 'the same, over rows of which one moves after every upstream call',
    changing: true,
    serverNames: short,
    share: 0.4,
  }),
  comparisonOf(scenarioNamed('walk'), {
    serverNames: ['proxy', 'usual', 'mercurius', 'warm', 'fetched'],
    share: 0.4,
  }),
  comparisonOf(renaming, { serverNames: ['proxy', 'warm'], share: 0.4 }),
];

const baselines: readonly ServerName[] = ['usual', 'mercurius'];

/** The comparison without the servers that are written in the usual way (`--ours`). */
export const withoutBaselines = (comparison: Comparison): Comparison => ({
  ...comparison,
  serverNames: comparison.serverNames.filter((name) => !baselines.includes(name)),
});
