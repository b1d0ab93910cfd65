import process from 'node:process';
import { addressProblem } from '#src/app/address-problem.ts';
import { parseEnvironment } from '#src/sandbox/environment.ts';

export interface ExampleOptions {
  readonly port: number;
  readonly instances: number;
  readonly ratePerMinute: number;
}

/**
 * Reads the options of an example from the environment; `defaults` are the values of variables that
 * are not set, or empty. From now on, an error ends the process with its message and without a
 * stack: for example, the port is in use, which Apollo Server throws outside of any promise.
 */
export function readOptions(defaults: Readonly<Record<string, string>>): ExampleOptions {
  const set = Object.entries(process.env).filter(([, value]) => value);
  const parsed = parseEnvironment({ ...defaults, ...Object.fromEntries(set) });
  if ('problems' in parsed) return exitWith(parsed.problems.join('\n'));
  const { options } = parsed;
  process.on('uncaughtException', (error) =>
    exitWith(addressProblem(error, options) ?? error.message),
  );
  return options;
}

function exitWith(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
