import process from 'node:process';
import { expect, test } from 'vitest';
import { startProcess } from '#test/support/process/start-process.ts';

test.each([
  [{ PORT: 'http' }, 'PORT must be a whole number from 0 to 65535.\n'],
  [{ SANDBOX_INSTANCES: 'many' }, 'SANDBOX_INSTANCES must be a whole number from 0 to 100000.\n'],
  [{ FRESH_MS: '-1' }, /^FRESH_MS: must be a whole number .*\n$/],
])('a wrong variable stops the board with a line: %j', async (env, line) => {
  const { stderr, exitCode } = startProcess(env, {
    command: [process.execPath, 'examples/board/main.ts'],
  });
  expect(await exitCode).toBe(1);
  expect(await stderr).toMatch(line);
});
