import type { Profiler } from 'node:inspector';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Share {
  readonly name: string;
  /** Share of the process's busy time, 0 to 1. */
  readonly share: number;
}

export interface ProfileShares {
  readonly functions: readonly Share[];
  /** Packages, folders of `src`, Node and the engine. */
  readonly places: readonly Share[];
}

const idleFunctions: ReadonlySet<string> = new Set(['(idle)', '(root)']);

/**
 * Distributes a profile's time over functions and over places, the largest share first. The time of
 * a function does not include the functions that it calls. `folder` is the root of the project.
 */
export function profileSharesOf(profile: Profiler.Profile, folder: string): ProfileShares {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const functions = new Map<string, number>();
  const places = new Map<string, number>();
  let totalUs = 0;
  const add = (sums: Map<string, number>, name: string, us: number) =>
    sums.set(name, (sums.get(name) ?? 0) + us);

  profile.samples?.forEach((id, at) => {
    const frame = frames.get(id);
    const us = profile.timeDeltas?.[at] ?? 0;
    // The profiler runs in the server's process, but its time is not the server's.
    if (!frame || idleFunctions.has(frame.functionName) || frame.url === 'node:inspector') return;
    const file = fileOf(frame.url, folder);
    totalUs += us;
    add(functions, nameOf(frame, file), us);
    add(places, placeOf(file), us);
  });

  const sharesOf = (sums: ReadonlyMap<string, number>): Share[] =>
    [...sums]
      .map(([name, us]) => ({ name, share: us / totalUs }))
      .sort((a, b) => b.share - a.share);
  return { functions: sharesOf(functions), places: sharesOf(places) };
}

function nameOf(
  { functionName, lineNumber }: Profiler.Profile['nodes'][number]['callFrame'],
  file: string,
): string {
  const name = functionName || '(anonymous)';
  return file === '' ? name : `${name} ${pathInPackages(file) ?? file}:${lineNumber + 1}`;
}

function fileOf(url: string, folder: string): string {
  return url.startsWith('file:') ? relative(folder, fileURLToPath(url)) : url;
}

/** The path below `node_modules`: the package's name and what follows. */
function pathInPackages(file: string): string | undefined {
  return /.*node_modules\/(.*)/.exec(file)?.[1];
}

function placeOf(file: string): string {
  if (file === '') return 'the engine, with its garbage collector';
  const path = pathInPackages(file);
  if (path !== undefined) return /^(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? path;
  if (file.startsWith('node:')) return 'Node';
  return /^src\/[^/]+(?=\/)/.exec(file)?.[0] ?? file;
}
