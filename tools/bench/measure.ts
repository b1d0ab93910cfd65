import { type Client, createClient } from './client.ts';
import { load, milliseconds, operations } from './load.ts';
import type { Scenario } from './scenarios.ts';
import type { Contestant } from './servers.ts';
import type { Served } from './servers/fleet.ts';
import { quantile } from './statistics.ts';

/** One round of a scenario against one server. */
export interface Round {
  /** User and system time of the server's process alone. */
  readonly cpuMsPer1000: number;
  readonly callsPer1000: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** One scenario against one server, ready to be measured round by round. */
export interface Course {
  readonly contestant: Contestant;
  round(): Promise<Round>;
  /** The same load, unmeasured, until it costs no less from one look to the next. */
  warmUp(): Promise<void>;
  /** The same load, unmeasured. */
  run(ms: number): Promise<void>;
  close(): Promise<void>;
}

export interface CourseOptions {
  readonly contestant: Contestant;
  readonly sandbox: Served;
  readonly scenario: Scenario;
  readonly keys: readonly string[];
  readonly connections: number;
  readonly roundMs: number;
  /** A round ends by time, not after as many operations as took about that long. */
  readonly timed?: boolean;
}

const lookMs = 200;
const mostLooks = 30;
/** The compiler comes back to what runs often more than once. */
const enoughNoBetter = 6;
const fewest = 24;
const countingMs = 300;

/** Before a round: the others had their turn, and the machine forgot. */
const untilAwake = milliseconds(50);

/** What is held grew older than it is fresh, too: every different operation once. */
const untilHeld = (sent: number, ms: number): boolean => sent < 600 && ms < 1000;

export function createCourse(options: CourseOptions): Course {
  const { contestant, sandbox, scenario, keys, connections, roundMs } = options;
  const { server, speaks } = contestant;
  const client = createClient(server.url, speaks, connections);
  const run = (until: (sent: number, ms: number) => boolean) =>
    load(client, { scenario, keys, connections, until });
  /** Of operations in a round, the same in all of them. */
  let count: number | undefined;

  async function counted(): Promise<number> {
    const { tookMs, elapsedMs } = await run(milliseconds(Math.min(roundMs / 2, countingMs)));
    return Math.max(fewest, Math.round((tookMs.length / elapsedMs) * roundMs));
  }

  return {
    contestant,
    async round() {
      if (!options.timed) count ??= await counted();
      await run(contestant.name === 'warm' ? untilHeld : untilAwake);
      const [server0, sandbox0] = [await server.figures(), await sandbox.figures()];
      const { tookMs, elapsedMs } = await run(
        count === undefined ? milliseconds(roundMs) : operations(count),
      );
      const [server1, sandbox1] = [await server.figures(), await sandbox.figures()];
      const per1000 = 1000 / tookMs.length;
      return {
        cpuMsPer1000: (server1.cpuMs - server0.cpuMs) * per1000,
        callsPer1000: (sandbox1.requests - sandbox0.requests) * per1000,
        perSecond: (tookMs.length / elapsedMs) * 1000,
        p50Ms: quantile(tookMs, 0.5),
        p99Ms: quantile(tookMs, 0.99),
      };
    },
    async warmUp() {
      await checkWhole(client, options);
      let least = Infinity;
      let noBetter = 0;
      for (let look = 0; look < mostLooks && noBetter < enoughNoBetter; look += 1) {
        const before = await server.figures();
        const { tookMs } = await run(milliseconds(lookMs));
        const cpuMs = ((await server.figures()).cpuMs - before.cpuMs) / tookMs.length;
        noBetter = cpuMs > least * 0.97 ? noBetter + 1 : 0;
        least = Math.min(least, cpuMs);
      }
    },
    run: async (ms) => void (await run(milliseconds(ms))),
    close: () => client.close(),
  };
}

/** What is measured is answered in full: a server that answers less is not faster. */
async function checkWhole(client: Client, options: CourseOptions): Promise<void> {
  const { contestant, scenario, keys } = options;
  const turn = { number: 0, worker: 0, step: 0, last: null };
  const bytes = await client.send(scenario.operation(turn), keys[0] ?? '');
  if (contestant.speaks === 'rest') return;
  const { data } = JSON.parse(bytes.toString()) as { readonly data: unknown };
  if (!scenario.isWhole(data))
    throw new Error(`${contestant.name} answered ${scenario.name} in part`);
}

/** How many calls one operation costs where nothing is held; the mean of a few. */
export async function firstCalls(
  options: Omit<CourseOptions, 'connections' | 'roundMs'>,
): Promise<number> {
  const { contestant, sandbox, scenario, keys } = options;
  const client = createClient(contestant.server.url, contestant.speaks, 1);
  const before = await sandbox.figures();
  for (const [number, key] of keys.entries()) {
    await client.send(scenario.operation({ number, worker: 0, step: 0, last: null }), key);
  }
  const after = await sandbox.figures();
  await client.close();
  return (after.requests - before.requests) / keys.length;
}

/** So many rounds of each, in turn, so that what disturbs the machine disturbs all alike. */
export async function measureInTurn<C extends Pick<Course, 'round'>>(
  courses: readonly C[],
  rounds: number,
): Promise<ReadonlyMap<C, readonly Round[]>> {
  const measured = new Map<C, Round[]>(courses.map((course) => [course, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [course, own] of measured) own.push(await course.round());
  }
  return measured;
}
