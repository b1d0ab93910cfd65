import { createClient, NotAnswered } from './client.ts';
import { paced } from './pace.ts';
import { type Scenario, scenarios } from './scenarios.ts';
import { type Contestant, startContestant, startSandbox, titleOf } from './servers.ts';
import { createFleet } from './servers/fleet.ts';
import { tableOf } from './table.ts';

const ratePerMinute = 50;
const perSecond = 50;
const seconds = 2;
const asked: readonly string[] = ['list of 50, shared', '25 by id', '20 keys mixed'];

/** What share of operations is answered where a key has 50 requests a minute, as EnviaAI gives it. */
export async function runLimited(): Promise<string> {
  const fleet = createFleet();
  try {
    const sandbox = await startSandbox(fleet, 1000, ratePerMinute);
    const budget = { ENVIAAI_RATE_PER_MINUTE: String(ratePerMinute) };
    const contestants = await Promise.all(
      (['proxy', 'usual', 'mercurius', 'warm'] as const).map((name) =>
        startContestant(fleet, sandbox, name, budget),
      ),
    );
    const rows: string[][] = [];
    for (const scenario of scenarios.filter(({ name }) => asked.includes(name))) {
      // Keys of their own, so that none takes another's budget.
      const shares = await Promise.all(
        contestants.map((contestant) => answered(contestant, scenario)),
      );
      rows.push([scenario.name, ...shares.map((share) => `${(share * 100).toFixed(0)} %`)]);
    }
    const head = ['operations answered', ...contestants.map(({ name }) => titleOf[name])];
    return `### 50 a minute\n\n${perSecond} operations a second for ${seconds} s, with new keys that have 50 requests a minute each\n\n${tableOf(head, rows)}`;
  } finally {
    await fleet.stop();
  }
}

async function answered({ name, server, speaks }: Contestant, scenario: Scenario): Promise<number> {
  const client = createClient(server.url, speaks, perSecond);
  const keys = Array.from({ length: scenario.keys }, (_, at) => `${name}-${scenario.name}-${at}`);
  let well = 0;
  await paced({ perSecond, seconds }, async (number) => {
    const turn = { number, worker: number, step: number, last: null };
    const key = keys[scenario.keyAt(turn) % keys.length] ?? '';
    try {
      await client.send(scenario.operation(turn), key.replaceAll(' ', '-'));
      well += 1;
    } catch (error) {
      if (!(error instanceof NotAnswered && error.rateLimited)) throw error;
    }
  });
  await client.close();
  return well / (perSecond * seconds);
}
