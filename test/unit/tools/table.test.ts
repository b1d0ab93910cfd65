import { expect, test } from 'vitest';
import { figure, sectionOf, spreadText, tableOf } from '#tools/bench/table.ts';
import { targetOf, verdict } from '#tools/bench/targets.ts';

test.each([
  [0, '0'],
  [25, '25'],
  [0.054, '0.05'],
  [9.994, '9.99'],
  [9.996, '10.0'],
  [12.34, '12.3'],
  [99.96, '100'],
  [123.4, '123'],
  [999.6, '1,000'],
  [12_345.6, '12,346'],
  [Number.NaN, '–'],
])('%d is shown as %s', (value, text) => {
  expect(figure(value)).toBe(text);
});

test('a deviation of 0 is not printed', () => {
  expect(spreadText({ median: 1.5, deviation: 0.25 })).toBe('1.50 ±0.25');
  expect(spreadText({ median: 2, deviation: 0 })).toBe('2');
});

test('a table is Markdown with right-aligned figures', () => {
  expect(tableOf(['server', 'ms'], [['ours', '1.2']])).toBe(
    ['| server | ms |', '| --- | ---: |', '| ours | 1.2 |'].join('\n'),
  );
});

test('a section breaks its description into lines of at most 108 characters', () => {
  const description = Array.from({ length: 40 }, (_, at) => `word-${at}`).join(' ');
  const [title, text = '', table] = sectionOf('a part', description, '| table |').split('\n\n');
  expect([title, table]).toEqual(['### a part', '| table |']);
  const lines = text.split('\n');
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.join(' ')).toBe(description);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(108);
});

test('a section without a description has only its table', () => {
  expect(sectionOf('a part', '', '| table |')).toBe('### a part\n\n| table |');
});

test('a target is met by a figure that does not exceed it, else missed', () => {
  expect(verdict(0.5, 0.5)).toBe('≤ 0.5 ✓');
  expect(verdict(0.51, 0.5)).toBe('≤ 0.5: missed');
});

test('only this server has targets', () => {
  expect(targetOf('list of 50, edges', 'warm')).toEqual({ ratio: 0.6 });
  expect(targetOf('20 keys mixed', 'warm')).toEqual({ ratio: 0.3, p99BelowProxy: true });
  expect(targetOf('list of 50, edges', 'usual')).toEqual({});
});
