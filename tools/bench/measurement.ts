import { type Client, createClient } from './client.ts';
import { textOf } from './encoding.ts';
import { milliseconds, runLoad } from './load.ts';
import { firstTurn, type Scenario } from './scenarios.ts';
import type { TestedServer } from './servers.ts';
import type { ServerProcess } from './servers/fleet.ts';
import { quantile } from './statistics.ts';

/** Figures of one round: one scenario against one server. */
export interface Round {
  /** User and system time of the server's process, without client and sandbox. */
  readonly cpuMsPer1000: number;
  readonly callsPer1000: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** One scenario against one server, measured round by round. */
export interface Measurement {
  readonly tested: TestedServer;
  round(): Promise<Round>;
  /** Runs the same load until its operations get no cheaper. */
  warmUp(): Promise<void>;
  /** Runs the same load without measuring it. */
  run(ms: number): Promise<void>;
  close(): Promise<void>;
}

export interface MeasurementOptions {
  readonly tested: TestedServer;
  readonly sandbox: ServerProcess;
  readonly scenario: Scenario;
  readonly keys: readonly string[];
  readonly connections: number;
  readonly roundMs: number;
}

const warmUpStepMs = 200;
const maxWarmUpSteps = 5;
/** V8 optimizes hot code more than once, so a single step without progress proves nothing. */
const stepsWithoutProgress = 3;

/**
 * Before each round: the other servers ran in the meantime, CPU caches were overwritten, and rows
 * are stale.
 */
const untilAwake = milliseconds(100);

export function createMeasurement(options: MeasurementOptions): Measurement {
  const { tested, sandbox, scenario, keys, connections, roundMs } = options;
  const { server, protocol } = tested;
  const client = createClient(server.url, protocol, connections);
  const run = (until: (sent: number, ms: number) => boolean) =>
    runLoad(client, { scenario, keys, connections, until });

  return {
    tested,
    async round() {
      await run(untilAwake);
      const [server0, sandbox0] = [await server.figures(), await sandbox.figures()];
      const { durationsMs, elapsedMs } = await run(milliseconds(roundMs));
      const [server1, sandbox1] = [await server.figures(), await sandbox.figures()];
      const per1000 = 1000 / durationsMs.length;
      return {
        cpuMsPer1000: (server1.cpuMs - server0.cpuMs) * per1000,
        callsPer1000: (sandbox1.requests - sandbox0.requests) * per1000,
        perSecond: (durationsMs.length / elapsedMs) * 1000,
        p50Ms: quantile(durationsMs, 0.5),
        p99Ms: quantile(durationsMs, 0.99),
      };
    },
    async warmUp() {
      await checkComplete(client, options);
      let leastCpuMs = Infinity;
      let noProgress = 0;
      for (let step = 0; step < maxWarmUpSteps && noProgress < stepsWithoutProgress; step += 1) {
        const before = await server.figures();
        const { durationsMs } = await run(milliseconds(warmUpStepMs));
        const cpuMs = ((await server.figures()).cpuMs - before.cpuMs) / durationsMs.length;
        noProgress = cpuMs > leastCpuMs * 0.97 ? noProgress + 1 : 0;
        leastCpuMs = Math.min(leastCpuMs, cpuMs);
      }
    },
    run: async (ms) => void (await run(milliseconds(ms))),
    close: () => client.close(),
  };
}

/** Fails if a response lacks rows: a server that returns less is not faster. */
async function checkComplete(client: Client, options: MeasurementOptions): Promise<void> {
  const { tested, scenario, keys } = options;
  const operation = scenario.operation(firstTurn);
  const bytes = await client.send(operation, keys[0] ?? '');
  if (tested.protocol === 'rest') return;
  const text = textOf(bytes, operation.encoding);
  const { data } = JSON.parse(text) as { readonly data: unknown };
  if (!scenario.isComplete(data)) {
    throw new Error(`The response of ${tested.name} to ${scenario.name} is incomplete`);
  }
}

/**
 * Measures each round of all measurements one after the other, so that a disturbance of the machine
 * affects all of them.
 */
export async function measureAlternately<M extends Pick<Measurement, 'round'>>(
  measurements: readonly M[],
  rounds: number,
): Promise<ReadonlyMap<M, readonly Round[]>> {
  const results = new Map<M, Round[]>(measurements.map((measurement) => [measurement, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [measurement, measured] of results) measured.push(await measurement.round());
  }
  return results;
}
