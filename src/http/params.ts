import type { GraphQLParams } from 'graphql-yoga';
import { Refusal } from './refusal.ts';

const known = new Set(['query', 'operationName', 'variables', 'extensions']);

/** The parameters in the body of a POST. */
export function paramsOfBody(body: Buffer): GraphQLParams {
  const given = parseJson(textOf(body), 'The request body');
  if (!isObject(given)) throw new Refusal(400, 'The request body must be a JSON object.');
  // A misspelt "variables" would otherwise be a query that quietly lacks them.
  if (Object.keys(given).some((name) => !known.has(name))) {
    throw new Refusal(400, `The request body may hold ${[...known].join(', ')} and nothing else.`);
  }
  return paramsOf(given);
}

/** The parameters in a URL's query, the part after "?". */
export function paramsOfQuery(query: string): GraphQLParams {
  const given = new URLSearchParams(query);
  const json = (name: string): unknown =>
    given.get(name) ? parseJson(given.get(name) ?? '', `The parameter "${name}"`) : null;
  return paramsOf({
    query: given.get('query'),
    operationName: given.get('operationName') || null,
    variables: json('variables'),
    extensions: json('extensions'),
  });
}

function paramsOf(given: Readonly<Record<string, unknown>>): GraphQLParams {
  const { query, operationName = null, variables = null, extensions = null } = given;
  const params: GraphQLParams = {};

  if (typeof query !== 'string') throw wrong('query', 'a string');
  params.query = query;

  if (typeof operationName === 'string') params.operationName = operationName;
  else if (operationName !== null) throw wrong('operationName', 'a string');

  if (isObject(variables)) params.variables = variables;
  else if (variables !== null) throw wrong('variables', 'an object');

  if (isObject(extensions)) params.extensions = extensions;
  else if (extensions !== null) throw wrong('extensions', 'an object');

  return params;
}

const wrong = (name: string, type: string) =>
  new Refusal(400, `The parameter "${name}" must be ${type}.`);

function textOf(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new Refusal(400, 'The request body is not UTF-8.');
  }
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, `${what} is not valid JSON.`);
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
