import { createClient, NotAnswered } from './client.ts';
import { paced } from './pace.ts';
import { type Scenario, scenarios } from './scenarios.ts';
import { type Contestant, startContestant, startSandbox, titleOf } from './servers.ts';
import { createFleet } from './servers/fleet.ts';
import { tableOf } from './table.ts';

const ratePerMinute = 50;
const seconds = 4;

/** Operations a second. */
const asked: ReadonlyMap<string, number> = new Map([
  ['list of 50, shared', 100],
  ['25 by id', 20],
  ['20 keys mixed', 100],
]);

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
    for (const [name, perSecond] of asked) {
      const scenario = scenarios.find((each) => each.name === name);
      if (!scenario) throw new Error(`There is no scenario ${name}`);
      // Keys of their own, so that none takes another's budget.
      const shares = await Promise.all(
        contestants.map((contestant) => answered(contestant, scenario, perSecond)),
      );
      const percents = shares.map((share) => `${(share * 100).toFixed(0)} %`);
      rows.push([`${name}, ${perSecond} a second`, ...percents]);
    }
    const head = ['operations answered', ...contestants.map((each) => titleOf[each.name])];
    return `### 50 a minute\n\nfor ${seconds} s, with new keys that have 50 requests a minute each\n\n${tableOf(head, rows)}`;
  } finally {
    await fleet.stop();
  }
}

async function answered(
  { name, server, speaks }: Contestant,
  scenario: Scenario,
  perSecond: number,
): Promise<number> {
  const client = createClient(server.url, speaks, 100);
  const keys = Array.from({ length: scenario.keys }, (_, at) => `${name}-${scenario.name}-${at}`);
  let well = 0;
  await paced({ perSecond, seconds }, async (number) => {
    const turn = { number, worker: number, step: number, last: null };
    const key = keys[scenario.keyAt(turn) % keys.length] ?? '';
    try {
      await client.send(scenario.operation(turn), key.replaceAll(/\W/g, '-'));
      well += 1;
    } catch (error) {
      const isFault = error instanceof NotAnswered ? error.isFault : true;
      if (name === 'warm' && isFault) throw error;
    }
  });
  await client.close();
  return well / (perSecond * seconds);
}
