import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import process from 'node:process';

export interface Ran {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs a command to its end. The Node of the tests is first on its PATH. */
export function run(command: string, args: readonly string[], cwd: string): Promise<Ran> {
  const PATH = [dirname(process.execPath), process.env['PATH']].join(delimiter);
  return new Promise((done) => {
    const child = execFile(
      command,
      args,
      { cwd, env: { ...process.env, PATH } },
      (_, output, errors) => done({ code: child.exitCode ?? 1, output, errors }),
    );
  });
}

export const tsc = (args: readonly string[], cwd: string): Promise<Ran> =>
  run(process.execPath, [resolve('node_modules/typescript/bin/tsc'), ...args], cwd);

export const strict = ['--strict', '--noEmit', '--target', 'es2022'];
export const resolutions = [
  ['Node', ['--module', 'nodenext']],
  ['a bundler', ['--module', 'esnext', '--moduleResolution', 'bundler']],
] as const;

export interface Folder {
  readonly path: string;
  readonly remove: () => Promise<void>;
}

export async function emptyFolder(): Promise<Folder> {
  const path = await mkdtemp(join(await realpath(tmpdir()), 'packed-'));
  return { path, remove: () => rm(path, { recursive: true }) };
}

/** The files that are packed, and those that packing needs. */
const packable = [
  'package.json',
  'README.md',
  'LICENSE',
  'src',
  'bin',
  'client',
  'tools',
  'schema',
  'tsconfig.json',
  'tsconfig.build.json',
  'tsconfig.build.client.json',
  'tsconfig.build.client.cjs.json',
];

export interface Tarball {
  readonly path: string;
  readonly name: string;
}

/** Copies the repository, so that packing changes nothing in it. */
export async function copyOfRepository({ path }: Folder): Promise<string> {
  const copy = join(path, 'repository');
  await Promise.all(packable.map((name) => cp(name, join(copy, name), { recursive: true })));
  await symlink(resolve('node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** Packs a copy of this repository by an npm script. */
export async function packedBy(script: string, folder: Folder): Promise<Tarball> {
  const copy = await copyOfRepository(folder);
  const before = await stat(join(copy, 'package.json'));

  const { code, output, errors } = await run('npm', ['run', '--silent', script], copy);

  if (code !== 0) throw new Error(`npm run ${script}: ${output}${errors}`);
  const { ino, mtimeMs } = await stat(join(copy, 'package.json'));
  // Not even for a moment: npm can be stopped at any time.
  if (ino !== before.ino || mtimeMs !== before.mtimeMs) {
    throw new Error('Packing touched the manifest of the repository');
  }
  const name = output.trim().split('\n').at(-1) ?? '';
  return { path: join(copy, name), name };
}

interface Locked {
  readonly dev?: boolean;
}

/**
 * Installs the server's tarball into an empty project, with the very packages that are locked here:
 * `npm ci` takes those from npm's cache, where `npm install` would ask a registry about each.
 */
export async function install({ path: tarball }: Tarball, folder: string): Promise<void> {
  const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8')) as {
    packages: Record<string, Locked>;
  };
  const needed = Object.entries(packages).filter(
    ([path, { dev }]) => path && !dev && !path.includes('/node-linux-'),
  );
  const { version, dependencies } = JSON.parse(await readFile('package.json', 'utf8'));
  const file = basename(tarball);
  await cp(tarball, join(folder, file));
  const project = {
    name: 'empty',
    type: 'module',
    dependencies: { 'enviaai-graphql': `file:${file}` },
  };
  const server = { version, resolved: `file:${file}`, dependencies };
  const lock = {
    name: 'empty',
    lockfileVersion: 3,
    packages: {
      '': project,
      'node_modules/enviaai-graphql': server,
      ...Object.fromEntries(needed),
    },
  };
  await writeFile(join(folder, 'package.json'), JSON.stringify(project));
  await writeFile(join(folder, 'package-lock.json'), JSON.stringify(lock));
  const quietly = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { code, errors } = await run('npm', ['ci', ...quietly], folder);
  if (code !== 0) throw new Error(errors);
}
