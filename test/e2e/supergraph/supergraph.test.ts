import { once } from 'node:events';
import { createServer } from 'node:net';
import process from 'node:process';
import { expect, onTestFinished, test } from 'vitest';
import { startProcess } from '#test/support/process/start-process.ts';
import { startExample } from '#test/support/supergraph/example.ts';

test.each(['SIGTERM', 'SIGINT'] as const)(
  'the supergraph prints a curl command that works, and exits after %s',
  async (signal) => {
    const { child, line, ended, kill } = startExample('supergraph', { LOG_LEVEL: 'info' });
    onTestFinished(kill);
    const response = await fetch(requestOf((await line()) ?? ''));
    const { data, errors } = await response.json();
    expect(errors).toBeUndefined();
    expect(data.conversations.edges).toHaveLength(25);
    expect(data.conversations.edges[0]).toEqual({
      node: {
        id: 'conversation_0',
        instance: { name: 'Delivery 🛵 Belém 21', status: 'DISCONNECTED' },
      },
    });

    // What this project's server says of it: one request for all references, under the caller's id,
    // for one call.
    expect(JSON.parse((await line()) ?? '')).toMatchObject({
      msg: 'operation',
      requestId: 'hello',
      calls: 1,
      code: null,
    });

    child.kill(signal);
    expect(await line()).toBeUndefined();
    expect(await ended).toBe(0);
  },
);

test('a port in use stops the supergraph with a line that suggests another', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  onTestFinished(() => void other.close());
  const { port } = other.address() as { port: number };
  const { stderr, exitCode } = startProcess(
    { PORT: String(port) },
    { command: [process.execPath, 'examples/supergraph/main.ts'] },
  );
  expect(await exitCode).toBe(1);
  expect(await stderr).toBe(
    `PORT: ${port} is already in use. Use another port, for example PORT=${port + 1}.\n`,
  );
});

/** The request that the printed curl command sends. */
function requestOf(line: string): Request {
  const [, url = ''] = / curl (\S+)/.exec(line) ?? [];
  const [, body = ''] = / -d '([^']+)'/.exec(line) ?? [];
  const headers = [...line.matchAll(/ -H '([^:]+): ([^']+)'/g)].map(
    ([, name = '', value = '']): [string, string] => [name, value],
  );
  return new Request(url, { method: 'POST', headers, body });
}
