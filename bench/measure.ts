import { Pool } from 'undici';
import type { Served } from './process.ts';
import type { Operation, Scenario, Send } from './scenarios.ts';

/** One round of a scenario against one server. */
export interface Round {
  readonly callsPer1000: number;
  readonly cpuMsPer1000: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The share of operations answered without an error, 0 to 1. */
  readonly answered: number;
}

export interface Bench {
  readonly server: Served;
  readonly sandbox: Served;
}

let keysUsed = 0;

export async function measure(
  { server, sandbox }: Bench,
  scenario: Scenario,
  seconds: number,
): Promise<Round> {
  const keys = Array.from({ length: scenario.keys }, () => `bench-${(keysUsed += 1)}`);
  if (scenario.more > 0) for (const key of keys) await sandbox.grow(key, scenario.more);

  const took: number[] = [];
  let failed = 0;
  const client = createClient(server.url);
  const send: Send = async (operation) => {
    const startedAt = performance.now();
    const answer = await client.send(operation);
    took.push(performance.now() - startedAt);
    if (answer.errors) failed += 1;
    return answer.data;
  };

  const [cpuBefore, callsBefore] = [await server.figures(), await sandbox.figures()];
  await scenario.run(send, keys, seconds);
  const [cpuAfter, callsAfter] = [await server.figures(), await sandbox.figures()];
  await client.close();

  const per1000 = 1000 / took.length;
  took.sort((a, b) => a - b);
  return {
    callsPer1000: (callsAfter.requests - callsBefore.requests) * per1000,
    cpuMsPer1000: (cpuAfter.cpuMs - cpuBefore.cpuMs) * per1000,
    p50Ms: quantile(took, 0.5),
    p99Ms: quantile(took, 0.99),
    answered: 1 - failed / took.length,
  };
}

/** The middle one of each figure. */
export function medianOf(rounds: readonly Round[]): Round {
  const middle = (figure: (round: Round) => number) =>
    quantile(
      rounds.map(figure).sort((a, b) => a - b),
      0.5,
    );
  return {
    callsPer1000: middle((round) => round.callsPer1000),
    cpuMsPer1000: middle((round) => round.cpuMsPer1000),
    p50Ms: middle((round) => round.p50Ms),
    p99Ms: middle((round) => round.p99Ms),
    answered: middle((round) => round.answered),
  };
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;

interface Answer {
  readonly data: unknown;
  readonly errors?: readonly unknown[];
}

function createClient(url: string) {
  const { origin, pathname: path } = new URL(url);
  const pool = new Pool(origin, { connections: 50 });
  return {
    async send({ key, query, variables }: Operation): Promise<Answer> {
      const { body } = await pool.request({
        method: 'POST',
        path,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body: JSON.stringify({ query, variables }),
      });
      return (await body.json()) as Answer;
    },
    close: () => pool.close(),
  };
}
