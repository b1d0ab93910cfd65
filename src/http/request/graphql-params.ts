import type { GraphQLParams } from 'graphql-yoga';
import { lazy } from '#src/domain/lazy.ts';
import { HttpError } from '#src/http/response/http-error.ts';
import { hasMoreValuesThan } from './count-values.ts';

/** The GraphQL parameters of a request. */
export interface GraphqlParams {
  readonly params: GraphQLParams;
  /**
   * The id of a trusted document, without the prefix `sha256:`. Null: the request has a text
   * instead.
   */
  readonly documentId: string | null;
  /**
   * The variables as JSON, for the key of the response cache. Null: they cannot be serialized,
   * because they are nested too deeply or contain a number that JSON cannot represent.
   */
  readonly variablesJson: () => string | null;
}

export interface ParamsOptions {
  /** Whether a request may have the id of a trusted document. If false, ids are not read. */
  readonly byId: boolean;
  /** Upper bound on the values in the variables: lists, objects and scalars, at any depth. */
  readonly maxValues: number;
}

/**
 * The parameters in the body of a POST. Other properties are ignored, as GraphQL over HTTP requires:
 * Relay's network layers send an `id`.
 */
export function paramsOfBody(body: Buffer, options: ParamsOptions): GraphqlParams {
  const json = parseJson(textOf(body), 'The request body');
  if (!isObject(json)) throw new HttpError(400, 'The request body must be a JSON object.');
  return paramsOf(json, options);
}

/**
 * The parameters in the query string of a URL (the part after "?"). Throws a 400 error, with the
 * hint, if there is no operation in it.
 */
export function paramsOfQuery(query: string, options: ParamsOptions, hint = ''): GraphqlParams {
  if (!hasOperation(query, options.byId)) {
    throw new HttpError(
      400,
      'The request has no operation. Send an operation by POST as JSON, or a query by GET in the ' +
        `parameter "query".${hint}`,
    );
  }
  const search = new URLSearchParams(query);
  const parsed = (name: string): unknown =>
    search.get(name) ? parseJson(search.get(name) ?? '', `The parameter "${name}"`) : null;
  const values = {
    query: search.get('query'),
    documentId: search.get('documentId') || null,
    operationName: search.get('operationName') || null,
    variables: parsed('variables'),
    extensions: parsed('extensions'),
  };
  return paramsOf(values, options);
}

/** Whether a query string has a document, or the id or the hash of one. */
export function hasOperation(query: string, byId: boolean): boolean {
  const search = new URLSearchParams(query);
  return search.has('query') || search.has('extensions') || (byId && search.has('documentId'));
}

/** Whether a query string has a document, which may be empty. */
export const hasText = (query: string): boolean => new URLSearchParams(query).has('query');

function paramsOf(
  values: Readonly<Record<string, unknown>>,
  { byId, maxValues }: ParamsOptions,
): GraphqlParams {
  const { query = null, operationName = null, variables = null, extensions = null } = values;
  if (!byId && query === null && isObject(extensions) && isObject(extensions['persistedQuery'])) {
    throw persistedQueryNotSupported();
  }
  const documentId = byId ? documentIdOf(values) : null;
  const params: GraphQLParams = {};

  // Yoga requires a text, so with an id alone it is empty. `prepareOperation` finds the text of the
  // id.
  if (typeof query === 'string') params.query = query;
  else if (query !== null || documentId === null) throw invalid('query', 'a string');
  else params.query = '';

  // Clients send an empty name where they have none.
  if (typeof operationName === 'string' && operationName) params.operationName = operationName;
  else if (operationName !== null && operationName !== '') {
    throw invalid('operationName', 'a string');
  }

  // Before graphql-js coerces the variables: a body of 1 MB can contain 350,000 values, and each
  // may be coerced, counted and looked up.
  if (hasMoreValuesThan(maxValues, variables)) throw tooManyValues(maxValues);
  if (isObject(variables)) params.variables = variables;
  else if (variables !== null) throw invalid('variables', 'an object');

  if (isObject(extensions)) params.extensions = extensions;
  else if (extensions !== null) throw invalid('extensions', 'an object');

  return { params, documentId, variablesJson: lazy(() => variablesJsonOf(params.variables)) };
}

/**
 * The id from GraphQL over HTTP's parameter `documentId`, or from Apollo's extension
 * `persistedQuery`.
 */
function documentIdOf({ documentId = null, extensions }: Readonly<Record<string, unknown>>) {
  if (documentId !== null && (typeof documentId !== 'string' || documentId === '')) {
    throw invalid('documentId', 'a non-empty string');
  }
  const id = documentId === null ? null : plainId(documentId);
  const persisted = isObject(extensions) ? (extensions['persistedQuery'] ?? null) : null;
  if (persisted === null) return id;
  if (!isObject(persisted) || persisted['version'] !== 1) {
    throw invalid('extensions.persistedQuery', 'an object with version 1 and sha256Hash');
  }
  const { sha256Hash: hash } = persisted;
  if (typeof hash !== 'string' || hash === '') {
    throw invalid('extensions.persistedQuery.sha256Hash', 'a non-empty string');
  }
  if (id !== null && id !== plainId(hash)) {
    throw new HttpError(
      400,
      'The parameters "documentId" and "extensions.persistedQuery" name different documents.',
    );
  }
  return plainId(hash);
}

function variablesJsonOf(variables: object | undefined): string | null {
  try {
    return JSON.stringify(variables ?? {}, assertFinite);
  } catch {
    return null;
  }
}

/** `1e400` is parsed as Infinity, which `JSON.stringify` would write as null. */
function assertFinite(_: string, value: unknown): unknown {
  if (value !== Infinity && value !== -Infinity) return value;
  throw new RangeError('JSON cannot represent Infinity');
}

/** The code and message by which Apollo Client sends the text, and no more hashes. */
const persistedQueryNotSupported = () =>
  new HttpError(400, 'PersistedQueryNotSupported', {
    extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' },
  });

const tooManyValues = (maxValues: number) =>
  new HttpError(400, `The variables contain more than ${maxValues} values.`, {
    extensions: { code: 'LIMIT_EXCEEDED', limit: 'MAX_FIELDS' },
  });

const plainId = (id: string) => id.replace(/^sha256:/, '');

const invalid = (name: string, type: string) =>
  new HttpError(400, `The parameter "${name}" must be ${type}.`);

function textOf(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new HttpError(400, 'The request body is not valid UTF-8.');
  }
}

function parseJson(text: string, subject: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpError(400, `${subject} is not valid JSON.`);
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
