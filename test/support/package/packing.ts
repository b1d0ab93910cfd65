import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import process from 'node:process';

export interface CommandResult {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs a command to its end. The Node that runs the tests is first on PATH. */
export function run(command: string, args: readonly string[], cwd: string): Promise<CommandResult> {
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

export const tsc = (args: readonly string[], cwd: string): Promise<CommandResult> =>
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

/** Everything that is packed or needed for packing. */
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
  /** The manifest in the tarball. */
  readonly manifest: { readonly name: string; readonly version: string };
}

/** Copies this repository, so that packing does not change it. */
export async function copyOfRepository({ path }: Folder): Promise<string> {
  const copy = join(path, 'repository');
  await Promise.all(packable.map((name) => cp(name, join(copy, name), { recursive: true })));
  await symlink(resolve('node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** Packs a copy of this repository with an npm script. */
export async function packedBy(script: string, folder: Folder): Promise<Tarball> {
  const copy = await copyOfRepository(folder);
  const before = await stat(join(copy, 'package.json'));

  const { code, output, errors } = await run('npm', ['run', '--silent', script], copy);

  if (code !== 0) throw new Error(`npm run ${script}: ${output}${errors}`);
  const { ino, mtimeMs } = await stat(join(copy, 'package.json'));
  // Not even temporarily: npm may be stopped at any moment.
  if (ino !== before.ino || mtimeMs !== before.mtimeMs) {
    throw new Error('Packing changed the package.json of the repository');
  }
  const name = output.trim().split('\n').at(-1) ?? '';
  const packed = join(copy, script.replace('pack:', 'dist/'));
  const manifest = JSON.parse(await readFile(`${packed}-package/package.json`, 'utf8'));
  return { path: join(copy, name), manifest };
}

interface Locked {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** Packages of this repository's lock file, with what they depend on. */
async function locked(names: readonly string[]): Promise<Record<string, Locked>> {
  const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8')) as {
    packages: Record<string, Locked>;
  };
  const found: Record<string, Locked> = {};
  const add = (name: string) => {
    const path = `node_modules/${name}`;
    const entry = packages[path];
    if (entry === undefined || path in found) return;
    found[path] = entry;
    const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = entry;
    const peers = Object.keys(peerDependencies);
    const needed = peers.filter((peer) => !peerDependenciesMeta[peer]?.optional);
    [...Object.keys(dependencies), ...needed].forEach(add);
  };
  names.forEach(add);
  return found;
}

export interface Project {
  /** Packages that the project has already, from this repository's lock file. */
  readonly has?: readonly string[];
  /** Its version of graphql; the default is that of the lock file. */
  readonly graphql?: 'graphql-17';
}

/**
 * Creates a project with a tarball and other packages. `npm ci` takes them from npm's cache, whereas
 * `npm install` would ask a registry about each.
 */
export async function install(
  { path: tarball, manifest }: Tarball,
  folder: string,
  { has = [], graphql }: Project = {},
): Promise<void> {
  const others = await locked(has);
  const replaced = graphql && (await locked([graphql]))[`node_modules/${graphql}`];
  if (replaced) others['node_modules/graphql'] = replaced;
  const file = basename(tarball);
  await cp(tarball, join(folder, file));
  const versions = Object.entries(others).map(([path, { version = '' }]) => [
    path.replace('node_modules/', ''),
    version,
  ]);
  const project = {
    name: 'project',
    type: 'module',
    dependencies: { ...Object.fromEntries(versions), [manifest.name]: `file:${file}` },
  };
  const packed = { ...manifest, resolved: `file:${file}` };
  const lock = {
    name: 'project',
    lockfileVersion: 3,
    packages: { '': project, [`node_modules/${manifest.name}`]: packed, ...others },
  };
  await writeFile(join(folder, 'package.json'), JSON.stringify(project));
  await writeFile(join(folder, 'package-lock.json'), JSON.stringify(lock));
  const options = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { code, errors } = await run('npm', ['ci', ...options], folder);
  if (code !== 0) throw new Error(errors);
}
