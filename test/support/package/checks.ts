import { readFile } from 'node:fs/promises';
import {
  type Problem,
  type ResolutionKind,
  checkPackage,
  createPackageFromTarballData,
} from '@arethetypeswrong/core';
import { publint } from 'publint';

/** Findings that are intended. */
export interface Expected {
  /** A kind of module resolution that is not supported. */
  readonly unresolved?: ResolutionKind;
  /** Entry points that are only an ES module. */
  readonly modules?: readonly string[];
}

/** The problems that publint and arethetypeswrong find in a tarball. */
export async function problemsOf(tarball: string, expected: Expected = {}): Promise<string[]> {
  const bytes = new Uint8Array(await readFile(tarball));
  const types = await checkPackage(createPackageFromTarballData(bytes));
  if (!types.types) return ['The package has no types'];
  const { messages } = await publint({ pack: { tarball: bytes.buffer }, strict: true });
  return [
    ...types.problems
      .filter((problem) => !isExpected(problem, expected))
      .map((problem) => `types: ${JSON.stringify(problem)}`),
    ...messages.map((message) => `publint: ${JSON.stringify(message)}`),
  ];
}

const isExpected = (problem: Problem, { unresolved, modules = [] }: Expected): boolean =>
  'entrypoint' in problem &&
  (problem.resolutionKind === unresolved ||
    (problem.kind === 'CJSResolvesToESM' && modules.includes(problem.entrypoint)));
