import type { Client } from './client.ts';
import type { Scenario } from './scenarios.ts';

export interface Load {
  readonly scenario: Scenario;
  readonly keys: readonly string[];
  /** Closed loop: each connection sends its next operation when its last one is answered. */
  readonly connections: number;
  /** Whether to send another operation; called before each one. */
  readonly until: (sent: number, elapsedMs: number) => boolean;
}

export interface LoadResult {
  /** Duration of each operation, in ascending order. */
  readonly durationsMs: readonly number[];
  readonly elapsedMs: number;
}

export const milliseconds = (limitMs: number) => (_: number, elapsedMs: number) =>
  elapsedMs < limitMs;

export async function runLoad(
  client: Client,
  { scenario, keys, connections, until }: Load,
): Promise<LoadResult> {
  const durationsMs: number[] = [];
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
      durationsMs.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: connections }, (_, worker) => run(worker)));
  const elapsedMs = performance.now() - startedAt;
  return { durationsMs: durationsMs.sort((a, b) => a - b), elapsedMs };
}
