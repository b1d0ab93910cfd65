import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** A document that a manifest names by an id, mostly its hash. */
export interface ManifestDocument {
  /** Without the prefix `sha256:`. */
  readonly id: string;
  readonly text: string;
  /** The manifest it stands in. */
  readonly file: string;
}

export interface Manifests {
  readonly documents: ReadonlyMap<string, ManifestDocument>;
  /** A line for each thing that is wrong. */
  readonly problems: readonly string[];
}

/** As GraphQL Code Generator's client preset writes it, and Relay's compiler. */
const textById = z.record(z.string().min(1), z.string());

/** As Apollo's tools write it. */
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

// As it is looked up: the prefix only says which kind of hash it is.
const plainId = (id: string): string => id.replace(/^sha256:/, '');

/** Reads a manifest, or every file of a folder that ends in `.json`. Never rejects over what is in them. */
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
    if (files.length === 0) problems.push(`${path} holds no file that ends in .json`);
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
      `${file} is not a manifest: {"<hash>": "<document>"}, or one of Apollo's, format apollo-persisted-query-manifest, version 1`,
    );
  }
  return (entries ?? []).map(([id, text]) => ({ id: plainId(id), text, file }));
}

function unreadable(path: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' ? `${path} is not there` : `${path} cannot be read`;
}
