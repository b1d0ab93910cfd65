import { expect, test } from 'vitest';
import { type Comparison, comparisons } from '#tools/bench/comparisons.ts';
import type { Round } from '#tools/bench/measurement.ts';
import { readmeTable } from '#tools/bench/readme-table.ts';
import { type Compared, comparisonSection } from '#tools/bench/run-comparisons.ts';

const round = (cpuMsPer1000: number, p99Ms: number): Round => ({
  cpuMsPer1000,
  callsPer1000: 0,
  perSecond: 100,
  p50Ms: 1,
  p99Ms,
});
const named = (name: string) => comparisons.find((each) => each.name === name) as Comparison;

const results: Compared = new Map([
  ['proxy', [round(200, 9), round(400, 9), round(200, 9)]],
  ['usual', [round(400, 9), round(800, 9), round(400, 9)]],
  ['warm', [round(50, 8), round(100, 8), round(50, 8)]],
  ['warmSilent', [round(40, 8), round(80, 8), round(40, 8)]],
]);

test('a section has a row for each server with a log, and says which targets were missed', () => {
  const section = comparisonSection(named('20 keys mixed'), results);
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  expect(rows.slice(2).map((row) => row.slice(2, -2).split(' | '))).toEqual([
    ['the bare proxy', '200', '1', '', '0', '100', '1', '9', ''],
    ['Yoga, as usual', '400', '2', '', '0', '100', '1', '9', ''],
    [
      'this server, rows cached',
      '50',
      '0.25',
      '1.25',
      '0',
      '100',
      '1',
      '8',
      "proxy ≤ 0.3 ✓; log ≤ 1.12: missed; p99 below the proxy's ✓",
    ],
  ]);
});

test('the table of the README has the ratios, and a dash for a server that was not measured', () => {
  const all = new Map([
    [named('list of 10'), results],
    [named('rename'), results],
  ]);
  const [, , ...rows] = readmeTable(all).split('\n');
  expect(rows).toEqual(['| list of 10, three fields | 2 | – | 0.25 | – |']);
});
