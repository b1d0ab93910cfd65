import { runCompression } from './compression.ts';
import { growthOfKeys, growthOfRows, runGrowth } from './growth.ts';
import { runHerd } from './herd.ts';
import { runLatency } from './latency.ts';
import { runLive } from './live.ts';
import { runLimited } from './limited.ts';
import type { Options } from './options.ts';
import { runReplicas } from './replicas.ts';
import type { ServerPool } from './server-pool.ts';
import { runStartup } from './startup.ts';

type Part = (options: Options, pool: ServerPool) => Promise<string>;

/** The parts that are not comparisons. */
export const otherParts: ReadonlyMap<string, Part> = new Map<string, Part>([
  ['compression', runCompression],
  ['slow vendor', runLatency],
  ['herd', runHerd],
  ['50 a minute', runLimited],
  [growthOfRows.name, (options) => runGrowth(growthOfRows, options)],
  [growthOfKeys.name, (options) => runGrowth(growthOfKeys, options)],
  ['process', runStartup],
  ['two replicas', runReplicas],
  ['live', runLive],
]);
