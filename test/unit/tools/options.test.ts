import { expect, test } from 'vitest';
import { defaults, parseOptions } from '#tools/bench/options.ts';

const names = ['list of 50, edges', 'list of 10', 'process'];
const parse = (...args: string[]) => parseOptions(args, names);
const helpOf = (...args: string[]) => {
  const parsed = parse(...args);
  return 'help' in parsed ? parsed : { help: '', isError: undefined };
};

test('without options all parts run', () => {
  expect(parse()).toEqual({
    options: { ...defaults, chosen: names, ours: false, profile: false },
  });
});

test('--only chooses parts by a piece of their names, ignores case, and keeps their order', () => {
  expect(parse('--only', 'PROCESS', '--only=list of 50', '--ours')).toMatchObject({
    options: { chosen: ['list of 50, edges', 'process'], ours: true },
  });
});

test('rounds, their duration and profiles can be set', () => {
  expect(parse('--rounds', '1', '--round-ms=500', '--profile')).toMatchObject({
    options: { rounds: 1, roundMs: 500, profile: true },
  });
});

test('all mistakes are reported together, with the usage', () => {
  const line = '--bogus --rounds 0 --round-ms=fast --only none stray --ours=yes';
  const { help, isError } = helpOf(...line.split(' '));
  expect(isError).toBe(true);
  expect(help).toContain('There is no option --bogus');
  expect(help).toContain('--rounds takes a whole number from 1 to 100');
  expect(help).toContain('--round-ms takes a whole number from 50 to 60000');
  expect(help).toContain('No part has "none" in its name');
  expect(help).toContain('Unexpected argument "stray"');
  expect(help).toContain('--ours takes no value');
  for (const name of names) expect(help).toContain(`  ${name}\n`);
});

test('an option without its value is reported, and so is a name from Object.prototype', () => {
  expect(helpOf('--only').help).toContain('--only takes a value');
  expect(helpOf('--toString').help).toContain('There is no option --toString');
});

test('--profile runs only the parts that can be profiled', () => {
  const scenarios = names.slice(0, 2);
  expect(parseOptions(['--profile'], names, scenarios)).toMatchObject({
    options: { chosen: scenarios },
  });
  expect(parseOptions(['--profile', '--only', 'process'], names, scenarios)).toMatchObject({
    isError: true,
  });
});

test('--help prints the usage and is no error', () => {
  const { help, isError } = helpOf('--help');
  expect(isError).toBe(false);
  expect(help).toContain('--only');
});
