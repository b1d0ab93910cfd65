import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { comparisons } from '#tools/bench/comparisons.ts';
import { head as compressionHead } from '#tools/bench/compression.ts';
import { head as herdHead } from '#tools/bench/herd.ts';
import { head as latencyHead } from '#tools/bench/latency.ts';
import { head as liveHead } from '#tools/bench/live.ts';
import { otherParts } from '#tools/bench/parts.ts';
import { readmeHead, readmeRows } from '#tools/bench/readme-table.ts';
import { head as replicasHead } from '#tools/bench/replicas.ts';
import { head as comparisonHead } from '#tools/bench/run-comparisons.ts';
import { tableOf, wrapped } from '#tools/bench/table.ts';

const page = readFileSync('docs/performance.md', 'utf8');
const readme = readFileSync('README.md', 'utf8');

/** The section of a part, up to the next one. */
function sectionOf(name: string): string {
  const [, section = ''] = page.split(`\n### ${name}\n`);
  return section.split(/\n##+ /)[0] ?? '';
}

test('docs/performance.md has the parts of the benchmark, in their order', () => {
  const parts = [...comparisons.map(({ name }) => name), ...otherParts.keys()];
  expect([...page.matchAll(/^### (.*)$/gm)].map(([, name]) => name)).toEqual(parts);
});

test.each(comparisons)('the section of $name is one that the benchmark prints', (comparison) => {
  const section = sectionOf(comparison.name);
  expect(section.startsWith(`\n${wrapped(comparison.description)}\n`)).toBe(true);
  expect(section).toContain(tableOf(comparisonHead, []));
});

test.each([
  ['compression', compressionHead],
  ['slow vendor', latencyHead],
  ['herd', herdHead],
  ['two replicas', replicasHead],
  ['live', liveHead],
])('the table of %s has the columns that the benchmark prints', (name, head) => {
  expect(sectionOf(name)).toContain(tableOf(head, []));
});

test('the table of the README has the columns and rows that the benchmark prints', () => {
  const [, table = ''] = readme.split(`${tableOf(readmeHead, [])}\n`);
  const rows = table.split('\n\n')[0]?.split('\n') ?? [];
  expect(rows.map((row) => row.split(' | ')[0]?.slice(2))).toEqual([...readmeRows.values()]);
});
