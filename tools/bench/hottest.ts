import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Profiler } from 'node:inspector';

export interface Share {
  readonly name: string;
  /** Of the time that the process was at work, 0 to 1. */
  readonly share: number;
}

export interface Hottest {
  readonly functions: readonly Share[];
  /** Packages, folders of `src`, Node and the engine. */
  readonly places: readonly Share[];
}

const resting: ReadonlySet<string> = new Set(['(idle)', '(root)']);

/** Where a profile's time was spent, each function's own alone, the most first. */
export function hottestOf(profile: Profiler.Profile, folder: string): Hottest {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const functions = new Map<string, number>();
  const places = new Map<string, number>();
  let total = 0;
  const add = (sums: Map<string, number>, name: string, us: number) =>
    sums.set(name, (sums.get(name) ?? 0) + us);

  profile.samples?.forEach((id, at) => {
    const frame = frames.get(id);
    const us = profile.timeDeltas?.[at] ?? 0;
    // The profiler's own work is none of the server's.
    if (!frame || resting.has(frame.functionName) || frame.url === 'node:inspector') return;
    const file = fileOf(frame.url, folder);
    total += us;
    add(functions, nameOf(frame, file), us);
    add(places, placeOf(file), us);
  });

  const sharesOf = (sums: ReadonlyMap<string, number>): Share[] =>
    [...sums].map(([name, us]) => ({ name, share: us / total })).sort((a, b) => b.share - a.share);
  return { functions: sharesOf(functions), places: sharesOf(places) };
}

function nameOf(
  { functionName, lineNumber }: Profiler.Profile['nodes'][number]['callFrame'],
  file: string,
): string {
  const name = functionName || '(anonymous)';
  return file === '' ? name : `${name} ${installedOf(file) ?? file}:${lineNumber + 1}`;
}

function fileOf(url: string, folder: string): string {
  return url.startsWith('file:') ? relative(folder, fileURLToPath(url)) : url;
}

/** Of an installed file, its package and what follows. */
function installedOf(file: string): string | undefined {
  return /.*node_modules\/(.*)/.exec(file)?.[1];
}

function placeOf(file: string): string {
  if (file === '') return 'the engine, with its garbage collector';
  const installed = installedOf(file);
  if (installed !== undefined) return /^(?:@[^/]+\/)?[^/]+/.exec(installed)?.[0] ?? installed;
  if (file.startsWith('node:')) return 'Node';
  return /^src\/[^/]+(?=\/)/.exec(file)?.[0] ?? file;
}
