import type { ServerName } from './servers.ts';

/** Upper bounds. */
export interface Target {
  /** CPU time, as a multiple of the bare proxy's. */
  readonly ratio?: number;
  /** Upstream calls of one operation with an empty cache. */
  readonly firstCalls?: number;
}

/** By the name of the comparison and the server. */
const targets: ReadonlyMap<string, Target> = new Map([
  ['list of 50, unchanged: warm', { ratio: 0.5 }],
  ['list of 50, unchanged: fetched', { ratio: 1.2 }],
  ['list of 50, changed: fetched', { ratio: 1.9 }],
  ['list of 10, unchanged: warm', { ratio: 0.5 }],
  ['list of 10, unchanged: fetched', { ratio: 1.1 }],
  ['list of 10, changed: fetched', { ratio: 1.3 }],
  ['25 by id, unchanged: warm', { ratio: 0.05, firstCalls: 11 }],
  ['20 keys mixed, unchanged: warm', { ratio: 0.2 }],
  ['20 keys mixed, unchanged: fetched', { ratio: 1.1 }],
]);

export const targetOf = (comparison: string, name: ServerName): Target =>
  targets.get(`${comparison}: ${name}`) ?? {};

/** CPU time with the largest cache, as a multiple of the CPU time with the smallest. */
export const maxGrowth = 1.15;

export const verdict = (value: number, target: number): string =>
  `≤ ${target}${value <= target ? ' ✓' : ': missed'}`;
