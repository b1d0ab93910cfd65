import { cpus } from 'node:os';
import process from 'node:process';
import { type Bench, measure, medianOf, type Round } from './measure.ts';
import { type Served, serve } from './process.ts';
import { type Scenario, scenariosOver } from './scenarios.ts';
import { type Compared, tableOf } from './table.ts';

const rounds = 3;
const secondsEach = 3;
const longestMs = 180_000;

const giveUp = setTimeout(() => {
  process.stderr.write('The benchmark takes too long: stopped.\n');
  process.exit(1);
}, longestMs);

const running: Served[] = [];
const run = async (...args: Parameters<typeof serve>): Promise<Served> => {
  const served = await serve(...args);
  running.push(served);
  return served;
};

const pair = async (ratePerMinute: number) => {
  const sandbox = await run('sandbox', String(ratePerMinute));
  const [ours, usual] = [await run('ours', sandbox.url), await run('usual', sandbox.url)];
  return { ours: { server: ours, sandbox }, usual: { server: usual, sandbox } };
};

try {
  // A limit that the usual server does not reach, so that its work can be measured at all.
  const unlimited = await pair(10_000_000);
  const limited = await pair(50);
  const scenarios = scenariosOver(await idsOf(unlimited.ours));

  for (const bench of [unlimited.ours, unlimited.usual]) await warm(bench, scenarios);
  const compared: Compared[] = [];
  for (const scenario of scenarios) {
    process.stderr.write(`${scenario.name} …\n`);
    const [ours, usual] = await inTurn(unlimited, scenario);
    const answered = {
      ours: (await measure(limited.ours, scenario, secondsEach)).answered,
      usual: (await measure(limited.usual, scenario, secondsEach)).answered,
    };
    compared.push({ name: scenario.name, ours: medianOf(ours), usual: medianOf(usual), answered });
  }
  process.stdout.write(`\n${tableOf(compared)}\n\n${footnote()}\n`);
} finally {
  for (const served of running) served.stop();
  clearTimeout(giveUp);
}

async function inTurn(
  { ours, usual }: { readonly ours: Bench; readonly usual: Bench },
  scenario: Scenario,
): Promise<[Round[], Round[]]> {
  const measured: [Round[], Round[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    measured[0].push(await measure(ours, scenario, secondsEach));
    measured[1].push(await measure(usual, scenario, secondsEach));
  }
  return measured;
}

async function warm(bench: Bench, scenarios: readonly Scenario[]): Promise<void> {
  for (const scenario of scenarios) await measure(bench, scenario, 1);
}

async function idsOf({ sandbox }: Bench): Promise<string[]> {
  const pages = [0, 100].map(async (offset) => {
    const response = await fetch(`${sandbox.url}/instances?limit=100&offset=${offset}`, {
      headers: { authorization: 'Bearer reader' },
    });
    const { data } = (await response.json()) as { data: readonly { readonly id: string }[] };
    return data.map(({ id }) => id);
  });
  return (await Promise.all(pages)).flat();
}

function footnote(): string {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, Node ${process.versions.node}`;
  return [
    `Medians of ${rounds} rounds of ${secondsEach} s, the servers in turn, each in its own process, over loopback.`,
    'Answered: of the operations of one such round, with new keys that have 50 requests a minute each.',
    machine,
  ].join('\n');
}
