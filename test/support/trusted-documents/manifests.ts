import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Answer, start, type Started } from '#test/support/start.ts';

export const publishedManifest = 'schema/client/persisted-documents.json';

/** The hash of a document, as clients compute it. */
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A manifest in the format of GraphQL Code Generator. */
export const manifestOf = (...texts: readonly string[]): Record<string, string> =>
  Object.fromEntries(texts.map((text) => [`sha256:${hashOf(text)}`, text]));

/** A manifest in the format of Apollo's tools. */
export const apolloManifestOf = (...texts: readonly string[]): object => ({
  format: 'apollo-persisted-query-manifest',
  version: 1,
  operations: texts.map((body) => ({ id: hashOf(body), name: 'Any', type: 'query', body })),
});

/** Creates a folder with these files. It is removed at the end of the test. */
export async function createFolder(files: Readonly<Record<string, unknown>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'manifests-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    await writeFile(join(folder, name), text);
  }
  return folder;
}

export interface TrustingServer extends Started {
  /** Sends these parameters with the key "test". */
  readonly ask: (
    method: 'GET' | 'POST',
    params: object,
    headers?: Record<string, string>,
  ) => Promise<Answer>;
}

/** The whole server with a manifest; by default, the published one. */
export async function startTrusting(
  mode: 'on' | 'only' | 'off',
  { path = publishedManifest, ...env }: Readonly<Record<string, string>> = {},
): Promise<TrustingServer> {
  const server = await start({
    env: { TRUSTED_DOCUMENTS: path, TRUSTED_DOCUMENTS_MODE: mode, ...env },
  });
  return {
    ...server,
    async ask(method, params, headers = {}) {
      const allHeaders = { authorization: 'Bearer test', ...headers };
      const url = new URL(server.url);
      const entries = Object.entries(params).map(([name, value]): [string, string] => [
        name,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]);
      if (method === 'GET') url.search = String(new URLSearchParams(entries));
      const response = await fetch(
        url,
        method === 'GET'
          ? { headers: allHeaders }
          : {
              method,
              headers: { 'content-type': 'application/json', ...allHeaders },
              body: JSON.stringify(params),
            },
      );
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, ...JSON.parse(text) };
    },
  };
}
