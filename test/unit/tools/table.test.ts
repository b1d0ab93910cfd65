import { expect, test } from 'vitest';
import { figure, spreadText, tableOf } from '#tools/bench/table.ts';
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

test('a target is met by a figure that does not exceed it, else missed', () => {
  expect(verdict(0.5, 0.5)).toBe('≤ 0.5 ✓');
  expect(verdict(0.51, 0.5)).toBe('≤ 0.5: missed');
});

test('only this server has targets', () => {
  expect(targetOf('list of 50, unchanged', 'warm')).toEqual({ ratio: 0.5 });
  expect(targetOf('25 by id, unchanged', 'warm')).toEqual({ ratio: 0.05, firstCalls: 11 });
  expect(targetOf('list of 50, unchanged', 'usual')).toEqual({});
});
