import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseEnvironment } from '#src/sandbox/environment.ts';
import { sendAs, sandboxWith } from '#test/support/sandbox/sandbox.ts';

function run(env: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, ['src/sandbox/main.ts'], {
    env: { ...process.env, PORT: '', HOST: '', ...env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function ended(child: ChildProcess): Promise<{ code: unknown; errors: string }> {
  let errors = '';
  child.stderr?.on('data', (data) => (errors += data));
  const [code] = await once(child, 'close');
  return { code, errors };
}

describe('the sandbox as a process', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'it prints its URL and an example call, and exits with 0 on %s',
    async (signal) => {
      const child = run({ PORT: '0', SANDBOX_INSTANCES: '7', SANDBOX_RATE_PER_MINUTE: '9' });
      const end = ended(child);
      const [output] = await once(child.stdout!, 'data');
      const [, url] = /^EnviaAI sandbox at (http:\/\/127\.0\.0\.1:\d+\/v1)/.exec(`${output}`)!;
      expect(`${output}`).toContain(`curl -H 'Authorization: Bearer sandbox' ${url}/instances`);
      const { headers, body } = await sendAs('k', url!);
      expect(body.data).toHaveLength(7);
      expect(headers.get('x-ratelimit-limit')).toBe('9');
      child.kill(signal);
      expect(await end).toEqual({ code: 0, errors: '' });
    },
  );

  test('each wrong variable is reported in one line, and the process exits with 1', async () => {
    const end = await ended(run({ PORT: 'http', SANDBOX_INSTANCES: '-1' }));
    expect(end).toEqual({
      code: 1,
      errors:
        'PORT must be a whole number from 0 to 65535.\n' +
        'SANDBOX_INSTANCES must be a whole number from 0 to 100000.\n',
    });
  });

  test('a port in use is reported in one line that suggests another', async () => {
    const { url } = await sandboxWith();
    const { port } = new URL(url);
    const { code, errors } = await ended(run({ PORT: port }));
    expect(code).toBe(1);
    expect(errors).toBe(
      `PORT: ${port} is already in use. Use another port, for example PORT=${Number(port) + 1}.\n`,
    );
  });

  test('an address of another machine is reported in one line without a stack', async () => {
    const { code, errors } = await ended(run({ PORT: '4010', HOST: '192.0.2.1' }));
    expect(code).toBe(1);
    expect(errors).toMatch(/^Cannot listen on HOST 192\.0\.2\.1, PORT 4010: .*\n$/);
  });

  test('the defaults are port 4010 on loopback and the documented limit', () => {
    expect(parseEnvironment({ PORT: '' })).toEqual({
      options: { port: 4010, host: '127.0.0.1', instances: 3, ratePerMinute: 50 },
    });
  });
});
