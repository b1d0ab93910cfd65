import type { GraphQLError } from 'graphql';
import { lazy } from '#src/domain/lazy.ts';
import type { ParsedDocuments } from '#src/graphql/document/parsed-documents.ts';
import { executeOperation, type ExecuteParts } from '#src/http/operation/execute-operation.ts';
import type { OperationRequest } from '#src/http/operation/operation-request.ts';
import type { ParsedRequest } from '#src/http/operation/prepared-operation.ts';
import { entityTagOf } from '#src/http/response/entity-tag.ts';
import type { ReadCost } from '#src/reading/session/read-cost.ts';
import type { CacheRules } from './cache-rules.ts';
import type { CachedResponse, CachedResponses } from './cached-responses.ts';

/** A response without errors may be that of several requests, which differ in their cost. */
export interface Produced {
  /** The errors that the client gets. */
  readonly errors: readonly GraphQLError[];
  /** The cost of the session. */
  readonly cost: ReadCost | null;
  /** Whether it is the cached response, after a revalidation. */
  readonly isReused: boolean;
  /** The body for a request with this cost. */
  readonly bodyFor: (cost: ReadCost | null) => Buffer;
  readonly entityTag: () => string;
}

export interface ProduceParts<Context> extends ExecuteParts {
  readonly cache: CacheRules<Context>;
  readonly responses: CachedResponses;
  readonly documents: Pick<ParsedDocuments, 'promote'>;
  readonly costOf: (context: Context) => ReadCost | null;
}

/** A request whose response is not in the cache, or has to be revalidated. */
export interface Miss<Context> {
  readonly request: OperationRequest;
  readonly operation: ParsedRequest;
  readonly key: string;
  readonly cached: CachedResponse | undefined;
  readonly context: Context;
}

/**
 * Revalidates the cached response, or executes the operation and caches its response. Null: it was
 * not executed, because the values of its variables are not of their types.
 */
export async function produceResponse<Context extends object>(
  parts: ProduceParts<Context>,
  miss: Miss<Context>,
): Promise<Produced | null> {
  return (await revalidated(parts, miss)) ?? execute(parts, miss);
}

async function revalidated<Context>(
  { cache, responses, costOf }: ProduceParts<Context>,
  { key, cached, context }: Miss<Context>,
): Promise<Produced | null> {
  if (!cached) return null;
  const current = await cache.revalidate(context, cached.validator);
  const cost = current && costOf(context);
  if (!cost) return null;
  const served = responses.serve(key, cached, cost, current.validator);
  return producedFrom(responses, key, served, true);
}

async function execute<Context extends object>(
  parts: ProduceParts<Context>,
  { request, operation, key, context }: Miss<Context>,
): Promise<Produced | null> {
  const { cache, responses, documents, costOf } = parts;
  cache.onExecution();
  const executed = await executeOperation(parts, request, operation, context);
  if (!executed) return null;
  const { json, errors } = executed;
  const cost = costOf(context);
  if (errors.length === 0) documents.promote(operation.text, operation.parsed);
  const validator = errors.length === 0 ? cache.validatorOf(context) : null;
  const stored = validator && cost && responses.set(key, { json, cost, validator });
  if (stored) return producedFrom(responses, key, stored, false);
  const bodyFor = memoized((other) => Buffer.from(json + cache.tailOf(other)));
  const entityTag = lazy(() => entityTagOf(Buffer.from(json)));
  return { errors, cost, isReused: false, bodyFor, entityTag };
}

const producedFrom = (
  responses: CachedResponses,
  key: string,
  cached: CachedResponse,
  isReused: boolean,
): Produced => ({
  errors: [],
  cost: cached.cost,
  isReused,
  entityTag: () => responses.entityTag(key, cached),
  bodyFor: memoized((cost) =>
    cost === null ? cached.body : responses.serve(key, cached, cost).body,
  ),
});

/** Requests that share a response have the same body if they have the same number of calls. */
function memoized(bodyOf: (cost: ReadCost | null) => Buffer): Produced['bodyFor'] {
  const bodies = new Map<number | null, Buffer>();
  return (cost) => {
    const calls = cost && cost.calls;
    const body = bodies.get(calls) ?? bodyOf(cost);
    bodies.set(calls, body);
    return body;
  };
}
