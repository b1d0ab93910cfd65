import type { ServerName } from './servers.ts';

/** Upper bounds. */
export interface Target {
  /** CPU time, as a multiple of the bare proxy's. */
  readonly ratio?: number;
  /** Whether the p99 must be below the bare proxy's. */
  readonly p99BelowProxy?: boolean;
}

/** By the name of the comparison and the server. */
const targets: ReadonlyMap<string, Target> = new Map([
  ['list of 50, edges: warm', { ratio: 0.6 }],
  ['list of 50, edges: fetched', { ratio: 1.3 }],
  ['list of 10: warm', { ratio: 0.6 }],
  ['list of 10: fetched', { ratio: 1.2 }],
  ['25 by id: warm', { ratio: 0.08 }],
  ['20 keys mixed: warm', { ratio: 0.3, p99BelowProxy: true }],
  ['20 keys mixed: fetched', { ratio: 2 }],
]);

export const targetOf = (comparison: string, name: ServerName): Target =>
  targets.get(`${comparison}: ${name}`) ?? {};

/** CPU time with the default log, as a multiple of the CPU time without one. */
export const maxLogRatio = 1.12;

export const verdict = (value: number, target: number): string =>
  `≤ ${target}${value <= target ? ' ✓' : ': missed'}`;
