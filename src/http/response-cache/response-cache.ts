import { Failure } from '#src/domain/failure.ts';
import { lazy } from '#src/domain/lazy.ts';
import type { ParsedDocuments } from '#src/graphql/document/parsed-documents.ts';
import {
  type CheckOperation,
  executeOperation,
  type ExecuteParts,
} from '#src/http/operation/execute-operation.ts';
import type {
  ContextRequest,
  OperationOutcome,
  OperationRequest,
} from '#src/http/operation/operation-request.ts';
import type { ParsedRequest } from '#src/http/operation/prepared-operation.ts';
import type { ReadCost } from '#src/reading/session/read-cost.ts';
import type { Validator } from '#src/reading/session/validator.ts';
import type { Revalidated } from '#src/reading/validation/revalidate.ts';
import { type CachedResponse, createCachedResponses } from './cached-responses.ts';
import { createTenantMemo } from './tenant-memo.ts';

/** The response cache's view of the layers below. */
export interface CacheRules<Context> {
  /** Upper bound on all cached responses, in bytes. */
  readonly maxBytes: number;
  readonly tenantOf: (apiKey: string) => string;
  /** The validator of an operation's response. Null: the response is not cacheable. */
  readonly validatorOf: (context: Context) => Validator | null;
  /** Cost of a cache hit. Null: the response must be revalidated. */
  readonly currentCost: (tenant: string, validator: Validator) => ReadCost | null;
  /** Revalidates a cached response. Null: the operation must be executed. */
  readonly revalidate: (context: Context, validator: Validator) => Promise<Revalidated | null>;
  /** The JSON that follows the data of a response: its `extensions` and the closing brace. */
  readonly tailOf: (cost: ReadCost | null) => string;
  /** How far the wall clock is ahead. `asOf` and the cursors of a response are its times. */
  readonly wallAheadMs: () => number;
  /** Counts a cache hit. */
  readonly onHit: () => void;
}

export interface ResponseCacheParts<Context> extends ExecuteParts {
  readonly cache: CacheRules<Context>;
  readonly documents: Pick<ParsedDocuments, 'promote'>;
  readonly contextOf: (request: ContextRequest) => Context;
  readonly costOf: (context: Context) => ReadCost | null;
  readonly check?: CheckOperation | undefined;
}

export interface ResponseCache {
  /**
   * Answers a query that reads instances: with the cached response while its validator is current,
   * else by executing it. Null: it cannot be executed, and Yoga must produce the error.
   */
  readonly answer: (
    request: OperationRequest,
    operation: ParsedRequest,
  ) => Promise<OperationOutcome | null>;
  /** Size of all cached responses, in bytes. */
  readonly bytes: () => number;
}

/**
 * The response cache. The key of a response is the tenant, the document, the operation's name and
 * its variables, and the wall clock until it is stepped. A caller is admitted and counted before a
 * cached response is served.
 */
export function createResponseCache<Context extends object>(
  parts: ResponseCacheParts<Context>,
): ResponseCache {
  const { cache, schema, documents, contextOf, costOf, check = () => null } = parts;
  const responses = createCachedResponses(cache.maxBytes, cache.tailOf);
  const tenantOf = createTenantMemo(cache.tenantOf);

  async function serveCached(
    cached: CachedResponse,
    key: string,
    { tenant, noCache, context }: { tenant: string; noCache: boolean; context: () => Context },
  ) {
    const current = noCache ? null : cache.currentCost(tenant, cached.validator);
    if (current) return { cost: current, body: responses.serve(key, cached, current) };
    const revalidated = await cache.revalidate(context(), cached.validator);
    const cost = revalidated && costOf(context());
    return cost && { cost, body: responses.serve(key, cached, cost, revalidated) };
  }

  function isRefused({ params }: OperationRequest, { parsed }: ParsedRequest): boolean {
    const { document } = parsed;
    const { variables, operationName } = params;
    try {
      return check({ schema, document, operationName, variables }) !== null;
    } catch {
      // The condition of a directive is null: Yoga produces the error.
      return true;
    }
  }

  /** Returns the cached copy of the body. Null: the response is not cacheable. */
  function store(key: string, context: Context, json: string, body: Buffer): Buffer | null {
    const validator = cache.validatorOf(context);
    const cost = costOf(context);
    if (!validator || !cost) return null;
    return responses.set(key, { body, dataLength: Buffer.byteLength(json), cost, validator });
  }

  const outcomeOf = (
    key: string,
    responseType: string,
    { body, cost }: { readonly body: Buffer; readonly cost: ReadCost | null },
  ): OperationOutcome => ({
    reply: {
      status: 200,
      headers: { 'content-type': `${responseType}; charset=utf-8` },
      body,
    },
    errors: [],
    cost,
    compressed: (encoding) => responses.compressed(key, body, encoding),
  });

  return {
    async answer(request, operation) {
      const variables = request.variablesJson();
      const admission = await request.admit();
      if (variables === null || admission instanceof Failure) return null;

      const { parsed, text } = operation;
      const { responseType, noCache, params } = request;
      const tenant = tenantOf(admission.apiKey, request.connection);
      const context = lazy(() => contextOf({ ...request, admission }));
      const wallAheadMs = cache.wallAheadMs();
      const key = [tenant, parsed.id, wallAheadMs, params.operationName ?? '', variables].join(' ');
      const cached = responses.get(key);
      const served = cached && (await serveCached(cached, key, { tenant, noCache, context }));
      if (served) {
        cache.onHit();
        return outcomeOf(key, responseType, served);
      }

      // A cached operation was within the limits with these variables, so it is not checked again.
      if (!cached && isRefused(request, operation)) return null;
      const executed = await executeOperation(parts, request, operation, context());
      if (!executed) return null;
      const { json, errors } = executed;
      const cost = costOf(context());
      const body = Buffer.from(json + cache.tailOf(cost));
      if (errors.length > 0) {
        return { ...outcomeOf(key, responseType, { body, cost }), errors, compressed: undefined };
      }
      documents.promote(text, parsed);
      const stored = store(key, context(), json, body);
      return outcomeOf(key, responseType, { body: stored ?? body, cost });
    },
    bytes: responses.bytes,
  };
}
