import process from 'node:process';
import { type Finding, tableOf } from './findings.ts';
import { hostile } from './hostile.ts';
import { stopAll } from './process.ts';
import { floods, soak } from './soak.ts';
import { hanging, rateStorm, refusedPort, unavailable } from './storms.ts';
import { isolation, revoked } from './tenants.ts';

const longestMs = 175_000;

const giveUp = setTimeout(() => {
  process.stderr.write('It takes too long: stopped.\n');
  stopAll();
  process.exit(1);
}, longestMs);

const steps: Readonly<Record<string, () => Promise<Finding[]>>> = {
  rateStorm,
  unavailable,
  refusedPort,
  hanging,
  isolation,
  revoked,
  hostile,
  soak,
  floods,
};

// Names on the command line choose some of the steps.
const chosen = process.argv.slice(2);
const findings: Finding[] = [];
for (const [name, step] of Object.entries(steps)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  process.stderr.write(`${name} …\n`);
  findings.push(...(await step()));
}
clearTimeout(giveUp);
process.stdout.write(`\n${tableOf(findings)}\n`);
process.exitCode = findings.length > 0 && findings.every(({ held }) => held) ? 0 : 1;
