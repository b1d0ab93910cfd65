import process from 'node:process';
import { type Finding, tableOf } from './findings.ts';
import { hostile } from './hostile.ts';
import { stopAll } from './process.ts';
import { floods, soak } from './soak.ts';
import { hanging, rateStorm, refusedPort, unavailable } from './storms.ts';
import { isolation, revoked } from './tenants.ts';

const timeoutMs = 179_000;

const steps: ReadonlyMap<string, () => Promise<Finding[]>> = new Map(
  Object.entries({
    rateStorm,
    unavailable,
    refusedPort,
    hanging,
    isolation,
    revoked,
    hostile,
    soak,
    floods,
  }),
);

const usage = `npm run chaos -- [steps]

Runs the server against a faulty vendor, and checks the promises of docs/faults.md. Without arguments it
runs all steps, in less than three minutes. The exit code is 1 if a promise is broken.

Steps:
${[...steps.keys()].map((name) => `  ${name}`).join('\n')}
`;

const args = process.argv.slice(2);
const unknown = args.filter((arg) => !steps.has(arg));
if (args.includes('--help')) process.stdout.write(usage);
else if (unknown.length > 0) exitWith(`There is no step ${unknown.join(', ')}\n\n${usage}`);
else await run(args.length > 0 ? args : [...steps.keys()]);

async function run(chosen: readonly string[]): Promise<void> {
  const timer = setTimeout(() => {
    stopAll();
    exitWith(`Stopped after ${timeoutMs / 1000} s\n`);
  }, timeoutMs);
  const findings: Finding[] = [];
  for (const [name, step] of steps) {
    if (!chosen.includes(name)) continue;
    process.stderr.write(`${name} …\n`);
    findings.push(...(await step()));
  }
  clearTimeout(timer);
  process.stdout.write(`\n${tableOf(findings)}\n`);
  process.exitCode = findings.length > 0 && findings.every(({ passed }) => passed) ? 0 : 1;
}

function exitWith(message: string): never {
  process.stderr.write(message);
  process.exit(1);
}
