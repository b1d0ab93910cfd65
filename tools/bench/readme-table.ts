import type { Comparison } from './comparisons.ts';
import { type Compared, cpuRatio } from './run-comparisons.ts';
import type { ServerName } from './servers.ts';
import { figure, tableOf } from './table.ts';

/** The rows of the README's table by the name of the comparison. */
export const readmeRows: ReadonlyMap<string, string> = new Map([
  ['list of 50, edges', 'list of 50 as Relay reads it: all fields, cursors, page info'],
  ['list of 50, nodes', 'list of 50, all fields'],
  ['list of 10', 'list of 10, three fields'],
  ['25 by id', '25 by id, each in a field of its own'],
  ['20 keys mixed', '20 keys mixed: lists, 1 and 25 ids, statuses'],
  ['walk', 'walk through 1,000 rows, 50 at a time'],
]);

const columns: ReadonlyMap<ServerName, string> = new Map([
  ['usual', 'Yoga and DataLoader'],
  ['mercurius', 'Mercurius, compiled'],
  ['warm', 'this server, rows cached'],
  ['fetched', 'this server, every page fetched'],
]);

export const readmeHead: readonly string[] = [
  "CPU time, as a multiple of the bare proxy's",
  ...columns.values(),
];

/** The README's table: the rows of the comparisons that were run. */
export function readmeTable(all: ReadonlyMap<Comparison, Compared>): string {
  const rows: string[][] = [];
  for (const [{ name }, results] of all) {
    const title = readmeRows.get(name);
    if (title === undefined) continue;
    const ratios = [...columns.keys()].map((server) => cpuRatio(results, server, 'proxy').median);
    rows.push([title, ...ratios.map(figure)]);
  }
  return tableOf(readmeHead, rows);
}
