import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** A document of a manifest, with its id: usually its hash. */
export interface ManifestDocument {
  /** Without the prefix `sha256:`. */
  readonly id: string;
  readonly text: string;
  /** The manifest's path. */
  readonly file: string;
}

export interface Manifests {
  readonly documents: ReadonlyMap<string, ManifestDocument>;
  /** One line for each problem. */
  readonly problems: readonly string[];
}

/** The format of GraphQL Code Generator's client preset and of Relay's compiler. */
const textById = z.record(z.string().min(1), z.string());

/** The format of Apollo's tools. */
const apolloManifest = z.object({
  format: z.literal('apollo-persisted-query-manifest'),
  version: z.literal(1),
  operations: z.array(
    z.object({
      id: z.string().min(1),
      name: z.string(),
      type: z.enum(['query', 'mutation', 'subscription']),
      body: z.string(),
    }),
  ),
});

// Without the prefix, which names the kind of hash.
const plainId = (id: string): string => id.replace(/^sha256:/, '');

/** Reads a manifest, or all files of a folder that end in `.json`. Problems do not reject. */
export async function readManifests(path: string): Promise<Manifests> {
  const problems: string[] = [];
  const documents = new Map<string, ManifestDocument>();
  for (const file of await filesOf(path, problems)) {
    for (const document of await documentsOf(file, problems)) {
      const other = documents.get(document.id);
      if (other && other.text !== document.text) {
        problems.push(`${other.file} and ${file} have different documents for ${document.id}`);
      } else if (!other) documents.set(document.id, document);
    }
  }
  return { documents, problems };
}

async function filesOf(path: string, problems: string[]): Promise<readonly string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const files = (await readdir(path)).filter((name) => name.endsWith('.json')).toSorted();
    if (files.length === 0) problems.push(`${path} has no file that ends in .json`);
    return files.map((name) => join(path, name));
  } catch (error) {
    problems.push(unreadable(path, error));
    return [];
  }
}

async function documentsOf(file: string, problems: string[]): Promise<readonly ManifestDocument[]> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    problems.push(error instanceof SyntaxError ? `${file} is not JSON` : unreadable(file, error));
    return [];
  }
  const plain = textById.safeParse(json).data;
  const entries = plain
    ? Object.entries(plain)
    : apolloManifest.safeParse(json).data?.operations.map(({ id, body }) => [id, body] as const);
  if (!entries) {
    problems.push(
      `${file} is not a manifest: it must be {"<hash>": "<document>"}, or have Apollo's format apollo-persisted-query-manifest, version 1`,
    );
  }
  return (entries ?? []).map(([id, text]) => ({ id: plainId(id), text, file }));
}

function unreadable(path: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' ? `${path} does not exist` : `${path} cannot be read`;
}
