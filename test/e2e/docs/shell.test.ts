import { execFile } from 'node:child_process';
import process from 'node:process';
import { expect, onTestFinished, test } from 'vitest';
import { parseConfig, variableNames } from '#src/config/config.ts';
import { startSandbox } from '#src/sandbox/sandbox.ts';
import { startProcess, urlOf } from '#test/support/process/start-process.ts';
import { blocksFor } from '#test/support/docs/blocks.ts';
import { commandsOf, requestOf } from '#test/support/docs/commands.ts';

const commands = blocksFor('shell')
  .flatMap(({ place, code }) => commandsOf(code).map((command) => ({ ...command, place })))
  .map((command, at) => ({ ...command, at }));
const those = (pattern: RegExp) => commands.filter(({ text }) => pattern.test(text));

const toServer = /^curl .*localhost:4000/;

/** The requests that a page shows after a command that starts a server; a simple query if none. */
function requestsAfter(at: number): Request[] {
  const next = commands.slice(at + 1);
  const end = next.findIndex(({ text }) => !toServer.test(text));
  const shown = next.slice(0, end === -1 ? undefined : end).map(requestOf);
  const query = encodeURIComponent('{ instances { totalCount } }');
  return shown.length > 0 ? shown : [new Request(`http://localhost:4000/graphql?query=${query}`)];
}

const { PATH = '', HOME = '' } = process.env;
const npm = { PATH, HOME, npm_config_update_notifier: 'false' };
// Tests use free ports in place of those of the pages, and send nothing to other hosts.
const aSandbox = /^(?:https:\/\/api\.enviaai\.app|http:\/\/localhost:4010)\/v1$/;
const nobody = 'redis://127.0.0.1:1';

async function sandbox(instances = 3) {
  const started = await startSandbox({ instances });
  onTestFinished(() => started.close());
  return started;
}

test.each(those(/^npm start$/))(
  'the command at $place starts a server: $env',
  async ({ at, env }) => {
    const set = Object.fromEntries(
      Object.entries(env).map(([name, value]) => [name, value === '…' ? 'key' : value]),
    );
    const { auth } = parseConfig(set);
    // Tested with an issuer in test/server/callers.
    if (auth.kind === 'jwt') return;
    const { ENVIAAI_BASE_URL: upstream, REDIS_URL, ...others } = set;
    if (upstream !== undefined) expect(upstream).toMatch(aSandbox);
    const server = startProcess(
      {
        ...npm,
        ...others,
        ...(upstream !== undefined && { ENVIAAI_BASE_URL: (await sandbox()).url }),
        ...(REDIS_URL !== undefined && { REDIS_URL: nobody }),
      },
      { command: ['npm', 'start'] },
    );
    const { origin } = new URL(await urlOf(server));
    for (const shown of requestsAfter(at)) {
      const asked = new Request(shown.url.replace('http://localhost:4000', origin), shown);
      asked.headers.set('authorization', 'Bearer test');
      const { data, errors } = await (await fetch(asked)).json();
      expect(errors).toBeUndefined();
      expect(Object.values(data)).not.toContain(null);
    }
  },
);

test.each(those(/^npm run sandbox$/))('the command at $place starts a sandbox', async ({ env }) => {
  const { line } = startProcess({ ...npm, ...env }, { command: ['npm', 'run', 'sandbox'] });
  const said = await line('EnviaAI sandbox at ');
  const url = /http:\S+\/v1/.exec(said)?.[0] ?? '';
  const headers = { authorization: 'Bearer test' };
  const answer = await (await fetch(`${url}/instances`, { headers })).json();
  expect(answer.pagination.total).toBe(Number(env['SANDBOX_INSTANCES'] ?? 3));
});

test('every variable that a command sets exists', () => {
  const set = commands.flatMap(({ env }) => Object.keys(env));
  expect(set.length).toBeGreaterThan(5);
  expect(variableNames).toEqual(expect.arrayContaining(set));
});

test('every documented request to the sandbox succeeds, in the order of the pages', async () => {
  const { url } = await sandbox();
  const requests = those(/^curl .*localhost:4010/);
  expect(requests.length).toBeGreaterThan(3);
  for (const command of requests) {
    const asked = requestOf(command);
    const there = asked.url.replace('http://localhost:4010', new URL(url).origin);
    const response = await fetch(new Request(there, asked));
    expect(response.status, command.text).toBe(200);
  }
});

test('every documented request follows the command that starts its server, or is for the sandbox', () => {
  const started = those(/^npm start$/).flatMap(({ at }) => requestsAfter(at));
  for (const command of those(/^curl /)) {
    const { url } = requestOf(command);
    const isAsked = url.includes(':4010/') || started.some((other) => other.url === url);
    expect(isAsked, command.place).toBe(true);
  }
});

test.each(blocksFor('printed'))(
  'the output at $place is the output of its command',
  async (block) => {
    const [command] = commandsOf(block.previous?.code ?? '');
    const [file = '', ...args] = command?.words ?? [];
    const printed = await new Promise((done) => {
      const env = { ...npm, npm_config_loglevel: 'silent' };
      execFile(file, args, { env }, (_, output) => done(output));
    });
    expect(printed).toBe(block.code);
  },
);
