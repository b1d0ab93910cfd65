import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import process from 'node:process';
import { Copy, DockerfileParser } from 'dockerfile-ast';

/** A stage of a Dockerfile, executed in a folder that represents its file system. */
interface Stage {
  readonly root: string;
  readonly base: string;
  workdir: string;
  user: string;
  readonly env: Record<string, string>;
  /** In exec form; null: the stage has none. */
  cmd: readonly [string, ...string[]] | null;
  healthcheck: readonly [string, ...string[]] | null;
}

/**
 * Carries out a Dockerfile's steps outside a container, each stage in a folder of its own; returns
 * the last.
 */
export function build(dockerfile: string, folder: string): Stage {
  const stages = new Map<string, Stage>();
  let stage: Stage | undefined;
  for (const instruction of DockerfileParser.parse(dockerfile).getInstructions()) {
    const keyword = instruction.getKeyword();
    const said = instruction.getArgumentsContent() ?? '';
    if (keyword === 'FROM') {
      const [base = '', , name = `${stages.size}`] = said.split(/\s+/);
      stage = begin(join(folder, `stage-${name}`), base);
      stages.set(name, stage);
    } else if (stage) {
      const name = instruction instanceof Copy ? instruction.getFromFlag()?.getValue() : undefined;
      const from = stages.get(name ?? '') ?? null;
      carryOut(stage, keyword, { said, from });
    }
  }
  if (!stage) throw new Error('The Dockerfile has no stage');
  return stage;
}

function begin(root: string, base: string): Stage {
  mkdirSync(root);
  return { root, base, workdir: '/', user: '0', env: {}, cmd: null, healthcheck: null };
}

interface Step {
  /** The arguments without the flags. */
  readonly said: string;
  /** The stage that is copied from; null: the build context. */
  readonly from: Stage | null;
}

function carryOut(stage: Stage, keyword: string, { said, from }: Step): void {
  const words = said.split(/\s+/);
  switch (keyword) {
    case 'WORKDIR':
      stage.workdir = posix.resolve(stage.workdir, said);
      mkdirSync(pathIn(stage, '.'), { recursive: true });
      return;
    case 'ENV':
      for (const [name = '', value = ''] of words.map((word) => word.split('='))) {
        stage.env[name] = value;
      }
      return;
    case 'COPY':
      copy(stage, words, from);
      return;
    case 'RUN':
      run(stage, said);
      return;
    case 'USER':
      stage.user = said;
      return;
    case 'CMD':
      stage.cmd = execForm(said);
      return;
    case 'HEALTHCHECK':
      stage.healthcheck = execForm(said.replace(/^CMD /, ''));
      return;
    case 'EXPOSE':
      return;
    default:
      throw new Error(`${keyword} cannot be carried out here`);
  }
}

export const pathIn = ({ root, workdir }: Stage, path: string): string =>
  join(root, posix.resolve(workdir, path));

function execForm(said: string): readonly [string, ...string[]] {
  const [file, ...args] = JSON.parse(said) as string[];
  if (file === undefined) throw new Error('There is nothing to run');
  return [file, ...args];
}

/** Runs a command with npm's cache in place of the registry, where possible. */
function run(stage: Stage, command: string): void {
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, npm_config_prefer_offline: 'true', ...stage.env };
  execFileSync('/bin/sh', ['-c', command], { cwd: pathIn(stage, '.'), env, stdio: 'pipe' });
}

/** Copies as Docker does: the contents of a folder, and nothing that .dockerignore excludes. */
function copy(stage: Stage, words: readonly string[], from: Stage | null): void {
  const sources = words.slice(0, -1);
  const target = words.at(-1) ?? '';
  for (const source of sources) {
    const path = from ? join(from.root, source) : source;
    if (!from && isIgnored(source)) throw new Error(`${source} is not in the build context`);
    const isFolder = statSync(path).isDirectory();
    const to = pathIn(stage, target);
    cpSync(path, isFolder || !target.endsWith('/') ? to : join(to, source), { recursive: true });
  }
}

/** Whether .dockerignore excludes a file or folder at the top: the last matching rule decides. */
export function isIgnored(name: string): boolean {
  const rules = readFileSync('.dockerignore', 'utf8').split('\n');
  const last = rules.findLast((rule) => rule === '*' || rule === name || rule === `!${name}`);
  return last !== undefined && !last.startsWith('!');
}
