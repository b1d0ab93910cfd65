import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { problemsOf } from '#test/support/package/checks.ts';
import {
  type Tarball,
  emptyFolder,
  install,
  packedBy,
  resolutions,
  run,
  strict,
  tsc,
} from '#test/support/package/packing.ts';

const folder = await emptyFolder();
let tarball: Tarball;

/** Packing takes long on a busy machine. */
const slowMs = 180_000;

beforeAll(async () => {
  tarball = await packedBy('pack:server', folder);
  await install(tarball, folder.path);
}, slowMs);
afterAll(folder.remove);

const manifest = async () => {
  const installed = join(folder.path, 'node_modules/enviaai-graphql/package.json');
  return JSON.parse(await readFile(installed, 'utf8'));
};

/** The file that `npx enviaai-graphql` runs. */
const command = () => join(folder.path, 'node_modules/enviaai-graphql/dist/enviaai-graphql.js');
const runCommand = (...args: string[]) => run(process.execPath, [command(), ...args], folder.path);

/** Starts the server, and returns the URL from its first line. */
async function startServer(
  args: readonly string[],
  cwd = folder.path,
): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [command(), ...args], {
    cwd,
    env: {},
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return { child, url: /http:[^\s":]+:\d+\/\w+/.exec(String(line))?.[0] ?? '' };
}

test('installed in an empty folder the server starts, and the client of the package lists instances', async () => {
  const { child, url } = await startServer(['--port', '0']);
  const screen = `
    import { createClient } from 'enviaai-graphql/client';
    const { data } = await createClient({ url: '${url}' }).instances.list();
    console.log(data.map(({ name }) => name).join());`;
  await writeFile(join(folder.path, 'screen.js'), screen);
  expect(await run(process.execPath, ['screen.js'], folder.path)).toEqual({
    code: 0,
    output: 'Sales WhatsApp,Support WhatsApp,Marketing WhatsApp\n',
    errors: '',
  });
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

const review = `
import { type Costs, costOf } from 'enviaai-graphql/cost';

const text = 'query Rows($ids: [ID!]!) { nodes(ids: $ids) { id } }';
const { operations, problems }: Costs = costOf([{ name: 'rows.graphql', text }, '{ name }'], { instances: 5000 });
const lines: string[] = operations.map(({ operation, document, calls }) => \`\${operation} \${document} \${calls.toFixed()}\`);
for (const { document, line, column, message } of problems) lines.push([document, line, column, message].join(':'));
console.log(lines.join('\\n'));
`;
const expectedCosts = `Rows rows.graphql 56
document 2:1:3:Cannot query field "name" on type "Query". Did you mean "node"?
`;

test('a program that imports the cost function compiles strictly, and prints the costs', async () => {
  await writeFile(join(folder.path, 'review.ts'), review);
  for (const [, how] of resolutions) {
    expect(await tsc([...strict, ...how, 'review.ts'], folder.path)).toMatchObject({ output: '' });
    await writeFile(join(folder.path, 'wrong.ts'), review.replace('calls.toFixed', 'cals.toFixed'));
    expect((await tsc([...strict, ...how, 'wrong.ts'], folder.path)).output).toContain("'cals'");
  }
  expect(await run(process.execPath, ['review.ts'], folder.path)).toEqual({
    code: 0,
    output: expectedCosts,
    errors: '',
  });
  const old = `const { costOf } = require('enviaai-graphql/cost'); console.log(costOf(['{ __typename }']).operations[0].calls);`;
  await writeFile(join(folder.path, 'old.cjs'), old);
  expect(await run(process.execPath, ['old.cjs'], folder.path)).toMatchObject({ output: '0\n' });
});

test('the cost command prints the costs of a folder, and fails if one exceeds the limit', async () => {
  await mkdir(join(folder.path, 'screens'));
  const text = 'query Rows($ids: [ID!]!) { nodes(ids: $ids) { id } }';
  await writeFile(join(folder.path, 'screens/rows.graphql'), text);
  expect(await runCommand('cost', 'screens')).toMatchObject({
    code: 0,
    output: expect.stringMatching(/^Rows: at most 11 of 50 a minute\nFor an account of 1000 /),
  });
  expect(await runCommand('cost', 'screens', '--limit', '10')).toMatchObject({ code: 1 });
  expect(await runCommand('cost')).toEqual({
    code: 2,
    output: '',
    errors: 'Name documents: files, folders or quoted patterns\n',
  });
  expect((await runCommand('cost', '--help')).output).toContain('enviaai-graphql cost [options]');
});

test('--sandbox serves only the REST API; it reads .env, and --port overrides PORT', async () => {
  const cwd = join(folder.path, 'frontend');
  await mkdir(cwd);
  await writeFile(join(cwd, '.env'), 'SANDBOX_INSTANCES=7\nPORT=1\n');
  const { child, url } = await startServer(['--sandbox', '--port=0'], cwd);
  const response = await fetch(`${url}/instances`, { headers: { authorization: 'Bearer ci' } });
  expect(await response.json()).toMatchObject({ success: true, pagination: { total: 7 } });
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('--help names every flag, and --version the version of the package', async () => {
  const help = await runCommand('--help');
  for (const flag of ['--port', '--sandbox', '--version', '--help', 'cost']) {
    expect(help.output).toContain(flag);
  }
  expect(await runCommand('-h')).toEqual(help);
  const { version } = await manifest();
  expect(await runCommand('--version')).toEqual({ code: 0, output: `${version}\n`, errors: '' });
});

test.each([
  [['--prot', '4000'], 'unknown option --prot'],
  [['--constructor'], 'unknown option --constructor'],
  [['-x'], 'unknown option -x'],
  [['start'], 'unknown argument start'],
  [['--port'], '--port needs a value'],
  [['--port', 'http'], '--port must be a whole number from 0 to 65535'],
  [['--port=65536'], '--port must be a whole number from 0 to 65535'],
  [['--sandbox=yes'], '--sandbox takes no value'],
])('wrong arguments are reported in one line, and nothing starts: %j', async (args, problem) => {
  expect(await runCommand(...args)).toEqual({
    code: 2,
    output: '',
    errors: `enviaai-graphql: ${problem}. See enviaai-graphql --help.\n`,
  });
});

/** Runs `--version` with a faked version of Node. */
const runOnNode = (version: string) => {
  const fake = `Object.defineProperty(process.versions, 'node', { value: '${version}' })`;
  const args = ['--import', `data:text/javascript,${fake}`, command(), '--version'];
  return run(process.execPath, args, folder.path);
};

test.each(['12.22.12', '20.20.2', '22.0.0', '22.18.0'])(
  'on Node %s the command prints the version that it needs, and how to get it',
  async (version) => {
    const { engines } = await manifest();
    const needed = engines.node.replace('>=', '');
    expect(await runOnNode(version)).toEqual({
      code: 1,
      output: '',
      errors:
        `enviaai-graphql needs Node ${needed} or later; this is Node ${version}. ` +
        'Install Node 24 (https://nodejs.org), or on Linux run: npx --yes -p node@24 enviaai-graphql\n',
    });
  },
);

test.each(['22.19.0', '23.0.0', '24.0.0'])('on Node %s the command runs', async (version) => {
  expect(await runOnNode(version)).toMatchObject({ code: 0, errors: '' });
});

const systemNode = '/usr/bin/node';
const isOld =
  existsSync(systemNode) && /^v(?:1\d|20)\./.test(String(execFileSync(systemNode, ['-v'])));

test.runIf(isOld)('a real old Node prints the same, without a stack trace', async () => {
  for (const args of [[], ['cost', 'screens'], ['--version']]) {
    const { code, output, errors } = await run(systemNode, [command(), ...args], folder.path);
    expect({ code, output }).toEqual({ code: 1, output: '' });
    expect(errors).toMatch(/^enviaai-graphql needs Node \S+ or later; this is Node [\d.]+\. .+\n$/);
  }
});

test('the package is compiled, needs no package and no Node of its own, and has no development files', async () => {
  const packed = await manifest();
  expect(Object.keys(packed)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/dependencies|scripts|private|imports/i)]),
  );
  const { output } = await run('tar', ['tf', tarball.path], folder.path);
  const files = output.trim().split('\n');
  expect(files.filter((file) => file.endsWith('.d.ts') && !file.includes('/client/'))).toEqual([
    'package/dist/cost.d.ts',
  ]);
  expect(files).toContain('package/schema/schema.graphql');
  expect(files.filter((file) => /(?<!\.d)\.ts$|\/test\/|\.env/.test(file))).toEqual([]);
});

const inPackage = (file: string) =>
  readFile(join(folder.path, 'node_modules/enviaai-graphql', file), 'utf8');

test('the notices have the license of every direct dependency, and of what these need', async () => {
  const notices = await inPackage('THIRD-PARTY-NOTICES.txt');
  const { dependencies } = JSON.parse(await readFile('package.json', 'utf8'));
  const named = [...notices.matchAll(/^(\S+) \d+\.\S+\nLicense: \S/gm)].map(([, name]) => name);
  expect(named).toEqual(expect.arrayContaining(Object.keys(dependencies)));
  expect(named).toContain('@apollo/federation-internals');
  expect(notices).toContain('Elastic License 2.0');
});

test('the README of the package has no link that leads out of it, and names what there is', async () => {
  const readme = await inPackage('README.md');
  const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link);
  expect(links.filter((link) => !link?.startsWith('https://'))).toEqual([]);
  const files = [...readme.matchAll(/`(?:\w+\s)?((?:node_modules|schema)\/\S+)`/g)];
  expect(files.length).toBeGreaterThan(2);
  for (const [, file = ''] of files) {
    const path = file.replace('node_modules/enviaai-graphql/', '');
    expect(await inPackage(path)).not.toBe('');
  }
  const { exports } = await manifest();
  const entries = [...readme.matchAll(/`enviaai-graphql(\/\w+)`/g)].map(([, entry]) => `.${entry}`);
  expect(Object.keys(exports).toSorted()).toEqual([...entries, './package.json'].toSorted());
});

test('types and manifest pass publint and arethetypeswrong', async () => {
  // TypeScript's `node10` resolution does not read `exports`, so it finds no subpath of any
  // package.
  const expected = { unresolved: 'node10', modules: ['./cost'] } as const;
  expect(await problemsOf(tarball.path, expected)).toEqual([]);
});
