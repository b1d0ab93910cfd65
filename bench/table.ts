import type { Round } from './measure.ts';

export interface Compared {
  readonly name: string;
  readonly ours: Round;
  readonly usual: Round;
  /** The shares answered where a key has 50 requests a minute. */
  readonly answered: { readonly ours: number; readonly usual: number };
}

const columns = ['', 'upstream calls', 'CPU ms', 'p50 ms', 'p99 ms', 'answered at'];
const units = ['', 'per 1000 ops', 'per 1000 ops', '', '', '50 a minute'];

export function tableOf(compared: readonly Compared[]): string {
  const lines = compared.flatMap(({ name, ours, usual, answered }) => [
    '',
    name,
    line(['  this server', ...cellsOf(ours, answered.ours)]),
    line(['  the usual one', ...cellsOf(usual, answered.usual)]),
    line(['  ratio', ...ratiosOf(ours, usual)]),
  ]);
  return [line(columns), line(units), ...lines].join('\n');
}

const cellsOf = (round: Round, answered: number): string[] => [
  round.callsPer1000.toFixed(0),
  round.cpuMsPer1000.toFixed(0),
  round.p50Ms.toFixed(1),
  round.p99Ms.toFixed(1),
  `${(answered * 100).toFixed(0)} %`,
];

const ratiosOf = (ours: Round, usual: Round): string[] => [
  timesOf(usual.callsPer1000, ours.callsPer1000),
  timesOf(usual.cpuMsPer1000, ours.cpuMsPer1000),
  timesOf(usual.p50Ms, ours.p50Ms),
  timesOf(usual.p99Ms, ours.p99Ms),
  '',
];

/** How many times as much the usual server takes. */
function timesOf(usual: number, ours: number): string {
  const ratio = usual / Math.max(ours, Number.EPSILON);
  return `× ${ratio.toFixed(ratio < 10 ? 1 : 0)}`;
}

const line = ([name = '', ...cells]: readonly string[]): string =>
  (name.padEnd(16) + cells.map((cell) => cell.padStart(15)).join('')).trimEnd();
