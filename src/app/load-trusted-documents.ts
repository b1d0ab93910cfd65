import type { GraphQLSchema } from 'graphql';
import { type Config, ConfigError } from '#src/config/config.ts';
import { readManifests } from '#src/config/manifests.ts';
import {
  documentProblem,
  operationNamesOf,
  type TrustedDocumentSet,
} from '#src/http/operation/trusted-document-set.ts';

/**
 * The documents that clients may name by their hash; null: none. Rejects with a {@link ConfigError}
 * for manifests that cannot be read and documents that could never be executed.
 */
export async function loadTrustedDocuments(
  config: Config,
  schema: GraphQLSchema,
): Promise<TrustedDocumentSet | null> {
  const { trustedDocuments, limits, introspection } = config;
  if (trustedDocuments.mode === 'off') return null;
  const { documents, problems } = await readManifests(trustedDocuments.path);
  const options = { limits, introspection, suggestions: true };
  const invalid = [...documents.values()].flatMap((document) => {
    const problem = documentProblem(schema, document, options);
    return problem === null ? [] : [`${document.file}: ${problem}`];
  });
  const all = [...problems, ...invalid].map((problem) => `TRUSTED_DOCUMENTS: ${problem}`);
  if (all.length > 0) throw new ConfigError(all);
  const textById = new Map([...documents].map(([id, { text }]) => [id, text]));
  const operationNames = [...textById.values()].flatMap(operationNamesOf);
  return { textById, operationNames, isExclusive: trustedDocuments.mode === 'only' };
}
