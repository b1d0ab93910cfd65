import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { complaintsAbout } from '#test/support/package/judges.ts';
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

/** Time to pack, and to install a hundred packages, on a busy machine. */
const slow = 180_000;

beforeAll(async () => {
  tarball = await packedBy('pack:server', folder);
  await install(tarball, folder.path);
}, slow);
afterAll(folder.remove);

const manifest = async () => {
  const installed = join(folder.path, 'node_modules/enviaai-graphql/package.json');
  return JSON.parse(await readFile(installed, 'utf8'));
};

/** The program that `npx enviaai-graphql` runs. */
const command = () => join(folder.path, 'node_modules/enviaai-graphql/dist/bin/enviaai-graphql.js');
const ask = (...args: string[]) => run(process.execPath, [command(), ...args], folder.path);

/** Starts the command, and reads its URL from the first line of its output. */
async function serving(
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

test('installed in an empty folder, the server starts and the client of the package lists instances', async () => {
  const { child, url } = await serving(['--port', '0']);
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
const told: string[] = operations.map(({ operation, document, calls }) => \`\${operation} \${document} \${calls.toFixed()}\`);
for (const { document, line, column, message } of problems) told.push([document, line, column, message].join(':'));
console.log(told.join('\\n'));
`;
const reckoned = `Rows rows.graphql 56
document 2:1:3:Cannot query field "name" on type "Query". Did you mean "node"?
`;

test('a program that imports enviaai-graphql/cost compiles in strict mode and prints the cost', async () => {
  await writeFile(join(folder.path, 'review.ts'), review);
  for (const [, how] of resolutions) {
    expect(await tsc([...strict, ...how, 'review.ts'], folder.path)).toMatchObject({ output: '' });
    await writeFile(join(folder.path, 'wrong.ts'), review.replace('calls.toFixed', 'cals.toFixed'));
    expect((await tsc([...strict, ...how, 'wrong.ts'], folder.path)).output).toContain("'cals'");
  }
  expect(await run(process.execPath, ['review.ts'], folder.path)).toEqual({
    code: 0,
    output: reckoned,
    errors: '',
  });
  const old = `const { costOf } = require('enviaai-graphql/cost'); console.log(costOf(['{ __typename }']).operations[0].calls);`;
  await writeFile(join(folder.path, 'old.cjs'), old);
  expect(await run(process.execPath, ['old.cjs'], folder.path)).toMatchObject({ output: '0\n' });
});

test('the cost command prints the cost of the documents of a folder, and fails if one exceeds the limit', async () => {
  await mkdir(join(folder.path, 'screens'));
  const text = 'query Rows($ids: [ID!]!) { nodes(ids: $ids) { id } }';
  await writeFile(join(folder.path, 'screens/rows.graphql'), text);
  expect(await ask('cost', 'screens')).toMatchObject({
    code: 0,
    output: expect.stringMatching(/^Rows: at most 11 of 50 a minute\nIn an account of 1000 /),
  });
  expect(await ask('cost', 'screens', '--limit', '10')).toMatchObject({ code: 1 });
  expect(await ask('cost')).toEqual({
    code: 2,
    output: '',
    errors: 'Name documents: files, folders or patterns in quotes\n',
  });
  expect((await ask('cost', '--help')).output).toContain('enviaai-graphql cost [options]');
});

test('--sandbox starts the REST API alone, with the settings of .env except the port of --port', async () => {
  const cwd = join(folder.path, 'frontend');
  await mkdir(cwd);
  await writeFile(join(cwd, '.env'), 'SANDBOX_INSTANCES=7\nPORT=1\n');
  const { child, url } = await serving(['--sandbox', '--port=0'], cwd);
  const response = await fetch(`${url}/instances`, { headers: { authorization: 'Bearer ci' } });
  expect(await response.json()).toMatchObject({ success: true, pagination: { total: 7 } });
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('--help names every flag, and --version prints the version of the package', async () => {
  const help = await ask('--help');
  for (const flag of ['--port', '--sandbox', '--version', '--help', 'cost']) {
    expect(help.output).toContain(flag);
  }
  expect(await ask('-h')).toEqual(help);
  const { version } = await manifest();
  expect(await ask('--version')).toEqual({ code: 0, output: `${version}\n`, errors: '' });
});

test.each([
  [['--prot', '4000'], '--prot is no option'],
  [['--constructor'], '--constructor is no option'],
  [['-x'], '-x is no option'],
  [['start'], 'start is no option'],
  [['--port'], '--port takes a value'],
  [['--port', 'http'], '--port must be a whole number from 0 to 65535'],
  [['--port=65536'], '--port must be a whole number from 0 to 65535'],
  [['--sandbox=yes'], '--sandbox takes no value'],
])('wrong arguments print one line, and nothing starts: %j', async (args, problem) => {
  expect(await ask(...args)).toEqual({
    code: 2,
    output: '',
    errors: `enviaai-graphql: ${problem}. See --help\n`,
  });
});

/** Runs the command with another value of `process.versions.node`. */
const askOf = (version: string) => {
  const claim = `Object.defineProperty(process.versions, 'node', { value: '${version}' })`;
  const args = ['--import', `data:text/javascript,${claim}`, command(), '--version'];
  return run(process.execPath, args, folder.path);
};

test.each(['12.22.12', '20.20.2', '22.0.0', '22.18.0'])(
  'on Node %s it prints in one line which version it needs',
  async (version) => {
    const { engines } = await manifest();
    const needed = engines.node.replace('>=', '');
    expect(await askOf(version)).toEqual({
      code: 1,
      output: '',
      errors: `enviaai-graphql needs Node ${needed} or later: this is ${version}\n`,
    });
  },
);

test.each(['22.19.0', '23.0.0', '24.0.0'])('on Node %s it runs', async (version) => {
  expect(await askOf(version)).toMatchObject({ code: 0, errors: '' });
});

const systems = '/usr/bin/node';
const isOld = existsSync(systems) && /^v(?:1\d|20)\./.test(String(execFileSync(systems, ['-v'])));

test.runIf(isOld)('on a real old Node it prints the same line, without a stack', async () => {
  for (const args of [[], ['cost', 'screens'], ['--version']]) {
    const { code, output, errors } = await run(systems, [command(), ...args], folder.path);
    expect({ code, output }).toEqual({ code: 1, output: '' });
    expect(errors).toMatch(/^enviaai-graphql needs Node \S+ or later: this is [\d.]+\n$/);
  }
});

test('the package is compiled, pins no Node, and has no development files', async () => {
  const packed = await manifest();
  expect(Object.keys(packed)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/devDep|optionalDep|scripts|private/)]),
  );
  const own = JSON.parse(await readFile('package.json', 'utf8'));
  expect(packed.dependencies).toEqual(own.dependencies);
  const { output } = await run('tar', ['tf', tarball.path], folder.path);
  const files = output.trim().split('\n');
  expect(files.filter((file) => file.endsWith('.d.ts') && !file.includes('/client/'))).toEqual([
    'package/dist/tools/cost/cost.d.ts',
  ]);
  expect(files).toContain('package/schema/schema.graphql');
  expect(files.filter((file) => /(?<!\.d)\.ts$|\/test\/|\.env/.test(file))).toEqual([]);
});

test('its types and its manifest pass arethetypeswrong and publint', async () => {
  // `moduleResolution: node10` finds no subpath of a package that has `exports`.
  const meant = { unresolved: 'node10', modules: ['./cost'] } as const;
  expect(await complaintsAbout(tarball.path, meant)).toEqual([]);
});
