import process from 'node:process';
import { expect, test } from 'vitest';
import { ask, startSlowUpstream } from './slow-upstream.ts';
import { killGroup, type Started, startProcess, urlOf } from './start-process.ts';

const requestTimeoutMs = 10_000;

/** Where a supervisor knows of npm only, and where a terminal reaches all of them at once. */
const ways = [
  ['SIGTERM to npm', ({ child }: Started) => child.kill('SIGTERM')],
  ['SIGINT to npm', ({ child }: Started) => child.kill('SIGINT')],
  ['a Ctrl-C at the terminal', ({ child }: Started) => killGroup(child, 'SIGINT')],
] as const;

test.each(ways)(
  'started by npm, it answers all it has begun after %s, and is gone',
  async (_, stop) => {
    const upstream = await startSlowUpstream(100);
    const { PATH = '', HOME = '' } = process.env;
    const env = { PATH, HOME, npm_config_update_notifier: 'false' };
    const started = startProcess(
      { ...env, ENVIAAI_BASE_URL: upstream.baseUrl, REQUEST_TIMEOUT_MS: String(requestTimeoutMs) },
      { command: ['npm', 'start'] },
    );
    const url = await urlOf(started);
    const answers = Array.from({ length: 100 }, (_, key) => ask(url, key));
    await upstream.asked;

    const stoppedAt = performance.now();
    stop(started);
    await started.line('finishing the requests');
    upstream.answer();
    const statuses = await Promise.all(answers.map(async (answer) => (await answer).status));
    expect(statuses).toEqual(statuses.map(() => 200));
    expect(await started.ended).toBe(0);
    expect(performance.now() - stoppedAt).toBeLessThan(requestTimeoutMs + 1000);
    expect(killGroup(started.child, 0)).toBe(false);
    await expect(fetch(url)).rejects.toThrow();
  },
);
