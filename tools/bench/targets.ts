import type { Contender } from './servers.ts';

/** What a figure is to be at most. */
export interface Target {
  /** CPU time, as a multiple of the bare proxy's. */
  readonly ratio?: number;
  /** Calls of an operation where nothing is held. */
  readonly firstCalls?: number;
}

/** By scenario, whether the upstream changes, and server. */
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

export const targetOf = (race: string, name: Contender): Target =>
  targets.get(`${race}: ${name}`) ?? {};

/** Growth of the CPU time with what is held, as a multiple of the least. */
export const mostGrowth = 1.15;

export const verdict = (value: number, target: number): string =>
  `≤ ${target}${value <= target ? ' ✓' : ': missed'}`;
