import type { Client } from './client.ts';
import type { Scenario } from './scenarios.ts';

export interface Load {
  readonly scenario: Scenario;
  readonly keys: readonly string[];
  /** Each sends its next operation when its last is answered: the server is never without work. */
  readonly connections: number;
  /** Whether to go on, asked before each operation. */
  readonly until: (sent: number, ms: number) => boolean;
}

export interface Loaded {
  /** How long each operation took, in order of length. */
  readonly tookMs: readonly number[];
  readonly elapsedMs: number;
}

export const operations = (count: number) => (sent: number) => sent < count;
export const milliseconds = (most: number) => (_: number, ms: number) => ms < most;

export async function load(client: Client, given: Load): Promise<Loaded> {
  const { scenario, keys, connections, until } = given;
  const tookMs: number[] = [];
  const startedAt = performance.now();
  let sent = 0;

  const run = async (worker: number) => {
    let last: Buffer | null = null;
    for (let step = 0; until(sent, performance.now() - startedAt); step += 1) {
      const turn = { number: sent, worker, step, last };
      sent += 1;
      const operation = scenario.operation(turn);
      const key = keys[scenario.keyAt(turn) % keys.length] ?? '';
      const sentAt = performance.now();
      last = await client.send(operation, key);
      tookMs.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: connections }, (_, worker) => run(worker)));
  const elapsedMs = performance.now() - startedAt;
  return { tookMs: tookMs.sort((a, b) => a - b), elapsedMs };
}
