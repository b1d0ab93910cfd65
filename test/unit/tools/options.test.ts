import { expect, test } from 'vitest';
import { defaults, parseOptions } from '#tools/bench/options.ts';

const names = ['list of 50, unchanged', 'list of 10, unchanged', 'process'];
const parse = (...args: string[]) => parseOptions(args, names);
const helpOf = (...args: string[]) => {
  const parsed = parse(...args);
  return 'help' in parsed ? parsed : { help: '', wrong: undefined };
};

test('without options every part is run', () => {
  expect(parse()).toEqual({
    options: { ...defaults, chosen: names, ours: false, profile: false },
  });
});

test('parts are chosen by any piece of their names, several together, in their own order', () => {
  expect(parse('--only', 'PROCESS', '--only=list of 50', '--ours')).toMatchObject({
    options: { chosen: ['list of 50, unchanged', 'process'], ours: true },
  });
});

test('rounds, their length and profiles are taken', () => {
  expect(parse('--rounds', '1', '--round-ms=500', '--profile')).toMatchObject({
    options: { rounds: 1, roundMs: 500, profile: true },
  });
});

test('all that is wrong is told together, with what there is', () => {
  const line = '--bogus --rounds 0 --round-ms=fast --only none stray --ours=yes';
  const { help, wrong } = helpOf(...line.split(' '));
  expect(wrong).toBe(true);
  expect(help).toContain('There is no option --bogus');
  expect(help).toContain('--rounds takes a whole number from 1 to 100');
  expect(help).toContain('--round-ms takes a whole number from 50 to 60000');
  expect(help).toContain('No part has "none" in its name');
  expect(help).toContain('There is nothing to do with "stray"');
  expect(help).toContain('--ours takes no value');
  for (const name of names) expect(help).toContain(`  ${name}\n`);
});

test('an option that lacks its value, or is a name of every object, is wrong', () => {
  expect(helpOf('--only').help).toContain('--only takes a value');
  expect(helpOf('--toString').help).toContain('There is no option --toString');
});

test('profiles are of scenarios: parts that have none cannot be profiled', () => {
  const scenarios = names.slice(0, 2);
  expect(parseOptions(['--profile'], names, scenarios)).toMatchObject({
    options: { chosen: scenarios },
  });
  expect(parseOptions(['--profile', '--only', 'process'], names, scenarios)).toMatchObject({
    wrong: true,
  });
});

test('help that was asked for is no error', () => {
  const { help, wrong } = helpOf('--help');
  expect(wrong).toBe(false);
  expect(help).toContain('--only');
});
