import { readFile } from 'node:fs/promises';
import {
  type Problem,
  type ResolutionKind,
  checkPackage,
  createPackageFromTarballData,
} from '@arethetypeswrong/core';
import { publint } from 'publint';

/** Findings that are intended. */
export interface Meant {
  /** A module resolution that finds no types. */
  readonly unresolved?: ResolutionKind;
  /** Entry points that have an ES module only. */
  readonly modules?: readonly string[];
}

/** The findings of arethetypeswrong and publint about a tarball. */
export async function complaintsAbout(tarball: string, meant: Meant = {}): Promise<string[]> {
  const bytes = new Uint8Array(await readFile(tarball));
  const types = await checkPackage(createPackageFromTarballData(bytes));
  if (!types.types) return ['It has no types'];
  const { messages } = await publint({ pack: { tarball: bytes.buffer }, strict: true });
  return [
    ...types.problems
      .filter((problem) => !isMeant(problem, meant))
      .map((problem) => `types: ${JSON.stringify(problem)}`),
    ...messages.map((message) => `publint: ${JSON.stringify(message)}`),
  ];
}

const isMeant = (problem: Problem, { unresolved, modules = [] }: Meant): boolean =>
  'entrypoint' in problem &&
  (problem.resolutionKind === unresolved ||
    (problem.kind === 'CJSResolvesToESM' && modules.includes(problem.entrypoint)));
