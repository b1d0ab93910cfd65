import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Answer, start, type Started } from '#test/support/start.ts';

export const published = 'schema/client/persisted-documents.json';

/** The hash of a document, as clients make it. */
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A manifest of these documents, as GraphQL Code Generator writes it. */
export const manifestOf = (...texts: readonly string[]): Record<string, string> =>
  Object.fromEntries(texts.map((text) => [`sha256:${hashOf(text)}`, text]));

/** A manifest of these documents, as Apollo's tools write it. */
export const apolloManifestOf = (...texts: readonly string[]): object => ({
  format: 'apollo-persisted-query-manifest',
  version: 1,
  operations: texts.map((body) => ({ id: hashOf(body), name: 'Any', type: 'query', body })),
});

/** A folder of these files, gone when the test is. */
export async function folderOf(files: Readonly<Record<string, unknown>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'manifests-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    await writeFile(join(folder, name), text);
  }
  return folder;
}

export interface Trusting extends Started {
  /** Asks with these parameters, as the key "test". */
  readonly ask: (
    method: 'GET' | 'POST',
    params: object,
    headers?: Record<string, string>,
  ) => Promise<Answer>;
}

/** The whole server with the published manifest, or another. */
export async function startTrusting(
  mode: 'on' | 'only' | 'off',
  { path = published, ...env }: Readonly<Record<string, string>> = {},
): Promise<Trusting> {
  const server = await start({
    env: { TRUSTED_DOCUMENTS: path, TRUSTED_DOCUMENTS_MODE: mode, ...env },
  });
  return {
    ...server,
    async ask(method, params, headers = {}) {
      const own = { authorization: 'Bearer test', ...headers };
      const url = new URL(server.url);
      const entries = Object.entries(params).map(([name, value]): [string, string] => [
        name,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]);
      if (method === 'GET') url.search = String(new URLSearchParams(entries));
      const response = await fetch(
        url,
        method === 'GET'
          ? { headers: own }
          : {
              method,
              headers: { 'content-type': 'application/json', ...own },
              body: JSON.stringify(params),
            },
      );
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, ...JSON.parse(text) };
    },
  };
}
