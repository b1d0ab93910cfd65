import type { GraphQLParams } from 'graphql-yoga';
import { aboutGraphiQL } from './accept.ts';
import { lazy } from '#src/domain/lazy.ts';
import { HttpError } from '#src/http/response/http-error.ts';

/** What a request asks with. */
export interface GraphqlParams {
  readonly params: GraphQLParams;
  /** The id of a trusted document, without the prefix `sha256:`; null: there is a text instead. */
  readonly documentId: string | null;
  /** Equal for equal variables; null: they are nested too deeply to be written, or too large numbers. */
  readonly variablesText: () => string | null;
}

const plain = ['query', 'operationName', 'variables', 'extensions'];
const withId = ['documentId', ...plain];

/** The parameters in the body of a POST. Without `byId`, no document is known by an id. */
export function paramsOfBody(body: Buffer, byId: boolean): GraphqlParams {
  const given = parseJson(textOf(body), 'The request body');
  if (!isObject(given)) throw new HttpError(400, 'The request body must be a JSON object.');
  // A misspelt "variables" would otherwise be a query that quietly lacks them.
  const known = byId ? withId : plain;
  if (Object.keys(given).some((name) => !known.includes(name))) {
    throw new HttpError(400, `The request body may hold ${known.join(', ')} and nothing else.`);
  }
  return paramsOf(given, byId);
}

/** The parameters in a URL's query, the part after "?". */
export function paramsOfQuery(query: string, byId: boolean): GraphqlParams {
  if (!asksByQuery(query, byId)) {
    const how = 'send one by POST as JSON, or a query by GET as the parameter "query"';
    throw new HttpError(400, `There is no operation in this request: ${how}. ${aboutGraphiQL}`);
  }
  const given = new URLSearchParams(query);
  const json = (name: string): unknown =>
    given.get(name) ? parseJson(given.get(name) ?? '', `The parameter "${name}"`) : null;
  const named = {
    query: given.get('query'),
    documentId: given.get('documentId') || null,
    operationName: given.get('operationName') || null,
    variables: json('variables'),
    extensions: json('extensions'),
  };
  return paramsOf(named, byId);
}

/** Whether the part after "?" names a document, or has one. */
export function asksByQuery(query: string, byId: boolean): boolean {
  const given = new URLSearchParams(query);
  return given.has('query') || (byId && (given.has('documentId') || given.has('extensions')));
}

function paramsOf(given: Readonly<Record<string, unknown>>, byId: boolean): GraphqlParams {
  const { query = null, operationName = null, variables = null, extensions = null } = given;
  const documentId = byId ? documentIdOf(given) : null;
  const params: GraphQLParams = {};

  // Where there is an id, Yoga is given the text by it; until then, it must have one.
  if (typeof query === 'string') params.query = query;
  else if (query !== null || documentId === null) throw wrong('query', 'a string');
  else params.query = '';

  if (typeof operationName === 'string') params.operationName = operationName;
  else if (operationName !== null) throw wrong('operationName', 'a string');

  if (isObject(variables)) params.variables = variables;
  else if (variables !== null) throw wrong('variables', 'an object');

  if (isObject(extensions)) params.extensions = extensions;
  else if (extensions !== null) throw wrong('extensions', 'an object');

  return { params, documentId, variablesText: lazy(() => written(params.variables)) };
}

/** The id by either form: GraphQL over HTTP's parameter, or Apollo's extension. */
function documentIdOf({ documentId = null, extensions }: Readonly<Record<string, unknown>>) {
  if (documentId !== null && (typeof documentId !== 'string' || documentId === '')) {
    throw wrong('documentId', 'a string that is not empty');
  }
  const id = documentId === null ? null : plainId(documentId);
  const persisted = isObject(extensions) ? (extensions['persistedQuery'] ?? null) : null;
  if (persisted === null) return id;
  if (!isObject(persisted) || persisted['version'] !== 1) {
    throw wrong('extensions.persistedQuery', 'an object with version 1 and sha256Hash');
  }
  const { sha256Hash: hash } = persisted;
  if (typeof hash !== 'string' || hash === '') {
    throw wrong('extensions.persistedQuery.sha256Hash', 'a string that is not empty');
  }
  if (id !== null && id !== plainId(hash)) {
    throw new HttpError(400, 'documentId and extensions.persistedQuery name different documents.');
  }
  return plainId(hash);
}

function written(variables: object | undefined): string | null {
  try {
    return JSON.stringify(variables ?? {}, finite);
  } catch {
    return null;
  }
}

/** What `1e400` is read as would be written as null. */
function finite(_: string, value: unknown): unknown {
  if (value !== Infinity && value !== -Infinity) return value;
  throw new RangeError('JSON has no word for it');
}

const plainId = (id: string) => id.replace(/^sha256:/, '');

const wrong = (name: string, type: string) =>
  new HttpError(400, `The parameter "${name}" must be ${type}.`);

function textOf(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new HttpError(400, 'The request body is not UTF-8.');
  }
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpError(400, `${what} is not valid JSON.`);
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
