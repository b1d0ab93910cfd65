import type { Spread } from './statistics.ts';

/** A Markdown table: the first column is aligned left, the figures right. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Three significant digits, but never fewer than the integer part has. NaN: "–". */
export function figure(value: number): string {
  if (Number.isNaN(value)) return '–';
  if (Number.isInteger(value)) return value.toLocaleString('en-US');
  const size = Math.abs(value);
  if (size >= 99.95) return Math.round(value).toLocaleString('en-US');
  if (size >= 9.995) return value.toFixed(1);
  return value.toFixed(2);
}

/** `12.3 ±0.4`: the median and the median absolute deviation. */
export const spreadText = ({ median, deviation }: Spread): string =>
  deviation === 0 ? figure(median) : `${figure(median)} ±${figure(deviation)}`;

const lineWidth = 108;

/** A section of docs/performance.md. The description is broken into lines as the page is. */
export const sectionOf = (name: string, description: string, table: string): string =>
  [`### ${name}`, ...(description === '' ? [] : [wrapped(description)]), table].join('\n\n');

export function wrapped(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > lineWidth) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines.join('\n');
}
