import { readFile } from 'node:fs/promises';
import {
  type ResolutionKind,
  checkPackage,
  createPackageFromTarballData,
} from '@arethetypeswrong/core';
import { publint } from 'publint';

/** What other people's rules find wrong with a tarball: nothing is an empty list. */
export async function complaintsAbout(
  tarball: string,
  { besides }: { besides?: ResolutionKind } = {},
): Promise<string[]> {
  const bytes = new Uint8Array(await readFile(tarball));
  const types = await checkPackage(createPackageFromTarballData(bytes));
  if (!types.types) return ['It has no types'];
  const { messages } = await publint({ pack: { tarball: bytes.buffer }, strict: true });
  return [
    ...types.problems
      .filter((problem) => !('resolutionKind' in problem && problem.resolutionKind === besides))
      .map((problem) => `types: ${JSON.stringify(problem)}`),
    ...messages.map((message) => `publint: ${JSON.stringify(message)}`),
  ];
}
