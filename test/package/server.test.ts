import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { complaintsAbout } from './support/judges.ts';
import { type Tarball, emptyFolder, install, packedBy, run } from './support/packing.ts';

const folder = await emptyFolder();
let tarball: Tarball;

/** Packing, and installing a hundred packages, on a machine that has other things to do. */
const slow = 180_000;

beforeAll(async () => {
  tarball = await packedBy(['pack', '--silent'], folder);
  await install(tarball, folder.path);
}, slow);
afterAll(folder.remove);

const manifest = async () => {
  const installed = join(folder.path, 'node_modules/enviaai-graphql/package.json');
  return JSON.parse(await readFile(installed, 'utf8'));
};

/** What `npx enviaai-graphql` runs, with nothing set. */
const command = () => join(folder.path, 'node_modules/enviaai-graphql/dist/bin/enviaai-graphql.js');
const ask = (...args: string[]) => run(process.execPath, [command(), ...args], folder.path);

/** The URL of the first line it says, once it serves. */
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

test('installed in an empty folder it serves, and the client that comes with it lists instances', async () => {
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

test('--sandbox serves the REST API alone, as an .env file there says, but where --port says', async () => {
  const cwd = join(folder.path, 'frontend');
  await mkdir(cwd);
  await writeFile(join(cwd, '.env'), 'SANDBOX_INSTANCES=7\nPORT=1\n');
  const { child, url } = await serving(['--sandbox', '--port=0'], cwd);
  const response = await fetch(`${url}/instances`, { headers: { authorization: 'Bearer ci' } });
  expect(await response.json()).toMatchObject({ success: true, pagination: { total: 7 } });
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('--help names every flag, and --version the version of the package', async () => {
  const help = await ask('--help');
  for (const flag of ['--port', '--sandbox', '--version', '--help']) {
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
])('wrong use is told in a line, and nothing starts: %j', async (args, problem) => {
  expect(await ask(...args)).toEqual({
    code: 2,
    output: '',
    errors: `enviaai-graphql: ${problem}. See --help\n`,
  });
});

test('what is packed is compiled, pins no Node, and leaves development behind', async () => {
  const packed = await manifest();
  expect(Object.keys(packed)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/devDep|optionalDep|scripts|private/)]),
  );
  const own = JSON.parse(await readFile('package.json', 'utf8'));
  expect(packed.dependencies).toEqual(own.dependencies);
  const { output } = await run('tar', ['tf', tarball.path], folder.path);
  const files = output.trim().split('\n');
  expect(files).toContain('package/schema/schema.graphql');
  expect(files.filter((file) => /(?<!\.d)\.ts$|\/test\/|\.env/.test(file))).toEqual([]);
});

test("its types and its manifest are right by other people's rules", async () => {
  // TypeScript's resolution from before Node had `exports` finds no subpath of any package that has them.
  expect(await complaintsAbout(tarball.path, { besides: 'node10' })).toEqual([]);
});
