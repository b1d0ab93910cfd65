import { createClient, OperationFailed } from './client.ts';
import { paced } from './pace.ts';
import { type Scenario, scenarioNamed } from './scenarios.ts';
import { startSandbox, startTestedServer, type TestedServer, titleOf } from './servers.ts';
import { createFleet } from './servers/fleet.ts';
import { sectionOf, tableOf } from './table.ts';

const ratePerMinute = 50;
const seconds = 4;

/** Operations a second. */
const rateOfScenario: ReadonlyMap<string, number> = new Map([
  ['list of 50, edges', 100],
  ['25 by id', 20],
  ['20 keys mixed', 100],
]);

/**
 * Measures the share of operations that succeed while each key has EnviaAI's 50 requests a minute.
 */
export async function runLimited(): Promise<string> {
  const fleet = createFleet();
  try {
    const sandbox = await startSandbox(fleet, 1000, ratePerMinute);
    const budget = { ENVIAAI_RATE_PER_MINUTE: String(ratePerMinute) };
    const servers = await Promise.all(
      (['proxy', 'usual', 'mercurius', 'warm'] as const).map((name) =>
        startTestedServer(fleet, sandbox, name, budget),
      ),
    );
    const rows: string[][] = [];
    for (const [name, perSecond] of rateOfScenario) {
      const scenario = scenarioNamed(name);
      // Each server has separate keys, so that it does not spend the budget of another.
      const shares = await Promise.all(
        servers.map((tested) => shareAnswered(tested, scenario, perSecond)),
      );
      const percents = shares.map((share) => `${(share * 100).toFixed(0)} %`);
      rows.push([`${name}, ${perSecond} a second`, ...percents]);
    }
    const head = ['operations answered', ...servers.map(({ name }) => titleOf[name])];
    const description = `for ${seconds} s, with new keys that have 50 requests a minute each`;
    return sectionOf('50 a minute', description, tableOf(head, rows));
  } finally {
    await fleet.stop();
  }
}

async function shareAnswered(
  { name, server, protocol }: TestedServer,
  scenario: Scenario,
  perSecond: number,
): Promise<number> {
  const client = createClient(server.url, protocol, 100);
  const keys = Array.from({ length: scenario.keys }, (_, at) => `${name}-${scenario.name}-${at}`);
  let answered = 0;
  await paced({ perSecond, seconds }, async (number) => {
    const turn = { number, worker: number, step: number, last: null };
    const key = keys[scenario.keyAt(turn) % keys.length] ?? '';
    try {
      await client.send(scenario.operation(turn), key.replaceAll(/\W/g, '-'));
      answered += 1;
    } catch (error) {
      const isFault = error instanceof OperationFailed ? error.isFault : true;
      if (name === 'warm' && isFault) throw error;
    }
  });
  await client.close();
  return answered / (perSecond * seconds);
}
