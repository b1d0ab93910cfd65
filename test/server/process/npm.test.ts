import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import process from 'node:process';
import { expect, test, vi } from 'vitest';
import { ask, startSlowUpstream } from '#test/support/process/slow-upstream.ts';
import {
  killGroup,
  type StartedProcess,
  startProcess,
  urlOf,
} from '#test/support/process/start-process.ts';

const requestTimeoutMs = 10_000;
const { PATH = '', HOME = '' } = process.env;
const env = { PATH, HOME, npm_config_update_notifier: 'false' };
const plainShell = { npm_config_script_shell: resolve('test/support/process/plain-shell.mjs') };

/** A supervisor signals only npm; a terminal sends Ctrl-C to the whole process group. */
const ways = [
  ['SIGTERM to npm', {}, ({ child }: StartedProcess) => child.kill('SIGTERM')],
  ['a Ctrl-C at the terminal', {}, ({ child }: StartedProcess) => killGroup(child, 'SIGINT')],
  [
    'SIGTERM to npm with a shell without exec',
    plainShell,
    ({ child }: StartedProcess) => child.kill('SIGTERM'),
  ],
] as const;

test.each(ways)(
  'started by npm, the server finishes the requests in progress after %s, and exits',
  async (_, shell, stop) => {
    const upstream = await startSlowUpstream(100);
    const started = startProcess(
      {
        ...env,
        ...shell,
        ENVIAAI_BASE_URL: upstream.baseUrl,
        REQUEST_TIMEOUT_MS: String(requestTimeoutMs),
      },
      { command: ['npm', 'start'] },
    );
    const url = await urlOf(started);
    const answers = Array.from({ length: 100 }, (_, key) => ask(url, key));
    await upstream.received;

    const stoppedAt = performance.now();
    stop(started);
    await started.line('finishing requests');
    upstream.answer();
    const statuses = await Promise.all(answers.map(async (answer) => (await answer).status));
    expect(statuses).toEqual(statuses.map(() => 200));
    await vi.waitUntil(() => !killGroup(started.child, 0), { timeout: requestTimeoutMs });
    expect(performance.now() - stoppedAt).toBeLessThan(requestTimeoutMs + 1000);
    await expect(fetch(url)).rejects.toThrow();
  },
);

test('every npm script that starts a program needs only a shell with commands and arguments', async () => {
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8'));
  const programs = Object.entries<string>(scripts).filter(([name]) =>
    ['start', 'dev', 'sandbox', 'cost', 'bench', 'chaos', 'supergraph', 'board', 'sbom'].includes(
      name,
    ),
  );
  expect(programs).toHaveLength(9);
  for (const [, script] of programs) expect(script).not.toMatch(/\bexec\b|[$`'"();|]/);
});

test.each(['start', 'sandbox', 'dev'])('npm run %s starts with such a shell', async (script) => {
  const { line } = startProcess({ ...env, ...plainShell }, { command: ['npm', 'run', script] });
  await line(script === 'sandbox' ? 'EnviaAI sandbox at ' : 'Serving ');
});
