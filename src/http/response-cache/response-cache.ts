import { Failure } from '#src/domain/failure.ts';
import type { TrackEntries } from '#src/domain/memory-usage.ts';
import type { ParsedDocuments } from '#src/graphql/document/parsed-documents.ts';
import type { CheckOperation, ExecuteParts } from '#src/http/operation/execute-operation.ts';
import type {
  ContextRequest,
  OperationOutcome,
  OperationRequest,
} from '#src/http/operation/operation-request.ts';
import type { ParsedRequest } from '#src/http/operation/prepared-operation.ts';
import type { ReadCost } from '#src/reading/session/read-cost.ts';
import type { CacheRules } from './cache-rules.ts';
import { createCachedResponses } from './cached-responses.ts';
import { createExecutionFlights, type Execution } from './execution-flights.ts';
import { type Miss, type Produced, produceResponse } from './produce-response.ts';

export interface ResponseCacheParts<Context> extends ExecuteParts {
  readonly cache: CacheRules<Context>;
  readonly documents: Pick<ParsedDocuments, 'promote'>;
  readonly contextOf: (request: ContextRequest) => Context;
  readonly costOf: (context: Context) => ReadCost | null;
  readonly check?: CheckOperation | undefined;
  readonly trackEntries?: TrackEntries | undefined;
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

/** An execution that several requests wait for. */
interface SharedExecution extends Execution<Produced | null> {
  /** What it has cost so far. */
  readonly cost: () => ReadCost | null;
  /** Its calls that a request has reported which left. */
  reportedCalls: number;
}

/** What one request gets of what was produced for several. */
interface Answer {
  readonly produced: Produced;
  readonly cost: ReadCost | null;
}

/** The parts of a response. */
interface Response extends Pick<Produced, 'errors' | 'entityTag'> {
  readonly body: Buffer;
  readonly cost: ReadCost | null;
}

/**
 * The response cache. The key of a response is the tenant, the document, the operation's name and
 * its variables, and the wall clock until it is stepped. A caller is admitted and counted before a
 * cached response is served.
 *
 * Requests with the same key that find no current response share one execution, or one revalidation
 * (single-flight; `session-joins.ts` has the rule). Each waits until its own deadline, and has its
 * own request id, log line and cost: the first one reports the upstream calls, and the others none.
 */
export function createResponseCache<Context extends object>(
  parts: ResponseCacheParts<Context>,
): ResponseCache {
  const { cache, schema, contextOf, costOf, check = () => null } = parts;
  const responses = createCachedResponses(cache.maxBytes, cache.tailOf);
  const flights = createExecutionFlights<Produced | null, SharedExecution>({
    onJoin: cache.onJoin,
    track: parts.trackEntries,
  });
  const produceParts = { ...parts, responses };

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

  /** Starts an execution that other requests can join. */
  function startShared(miss: MissedRequest<Context>, signal: AbortSignal): SharedExecution {
    const context = miss.contextFor(signal);
    return {
      result: produceResponse(produceParts, { ...miss, context }),
      join() {
        const mayShare = cache.join(context);
        return mayShare && ((produced) => mayShare() && !hasFault(produced));
      },
      cost: () => costOf(context),
      reportedCalls: 0,
    };
  }

  async function answerAlone(
    miss: MissedRequest<Context>,
    signal: AbortSignal,
  ): Promise<Answer | null> {
    const context = miss.contextFor(signal);
    const produced = await produceResponse(produceParts, { ...miss, context });
    return produced && { produced, cost: produced.cost };
  }

  async function answerMiss(miss: MissedRequest<Context>): Promise<Answer | null> {
    const { key, request } = miss;
    const signal = request.signal();
    if (signal.aborted) return answerAlone(miss, signal);
    const flightKey = request.noCache ? `${key} no-cache` : key;
    const share = await flights.share(flightKey, signal, (shared) => startShared(miss, shared));
    if (share.kind === 'not-shared') return answerAlone(miss, signal);

    const { execution, isPayer } = share;
    const calls = isPayer ? (execution.cost()?.calls ?? 0) - execution.reportedCalls : 0;
    execution.reportedCalls += calls;
    if (share.kind === 'left') {
      // Its signal is aborted: it gets what is cached, and a timeout for all other fields.
      const alone = await answerAlone(miss, signal);
      return alone && { ...alone, cost: plusCalls(alone.cost, calls) };
    }
    const { result: produced } = share;
    if (!produced) return null;
    if (!isPayer) cache.onSavedCalls(produced.cost?.calls ?? 0);
    return { produced, cost: produced.cost && { ...produced.cost, calls } };
  }

  const outcomeOf = (
    key: string,
    responseType: string,
    { body, cost, entityTag, errors }: Response,
  ): OperationOutcome => ({
    reply: {
      status: 200,
      headers: { 'content-type': `${responseType}; charset=utf-8` },
      body,
    },
    errors,
    cost,
    entityTag,
    // Responses with errors are not cached.
    compressed:
      errors.length > 0 ? undefined : (encoding) => responses.compressed(key, body, encoding),
  });

  return {
    async answer(request, operation) {
      const variables = request.variablesJson();
      const admission = await request.admit();
      if (variables === null || admission instanceof Failure) return null;

      const { parsed } = operation;
      const { responseType, noCache, params } = request;
      const { tenant } = admission;
      const wallAheadMs = cache.wallAheadMs();
      const key = [tenant, parsed.id, wallAheadMs, params.operationName ?? '', variables].join(' ');
      const cached = responses.get(key);
      const current = cached && !noCache ? cache.currentCost(tenant, cached.validator) : null;
      if (cached && current) {
        cache.onHit();
        const served = responses.serve(key, cached, current);
        const entityTag = () => responses.entityTag(key, served);
        const { body } = served;
        return outcomeOf(key, responseType, { body, cost: current, entityTag, errors: [] });
      }

      // A cached operation was within the limits with these variables, so it is not checked again.
      if (!cached && isRefused(request, operation)) return null;
      const contextFor = (signal: AbortSignal) =>
        contextOf({ ...request, admission, signal: () => signal });
      const answer = await answerMiss({ request, operation, key, cached, contextFor });
      if (!answer) return null;
      const { produced, cost } = answer;
      if (produced.isReused) cache.onHit();
      return outcomeOf(key, responseType, { ...produced, body: produced.bodyFor(cost), cost });
    },
    bytes: responses.bytes,
  };
}

/** A request whose response is not in the cache, or has to be revalidated. */
interface MissedRequest<Context> extends Omit<Miss<Context>, 'context'> {
  /** Creates the context of an execution that ends with this signal. */
  readonly contextFor: (signal: AbortSignal) => Context;
}

const plusCalls = (cost: ReadCost | null, calls: number): ReadCost | null =>
  cost && { ...cost, calls: cost.calls + calls };

/** The message of an unexpected error refers to the log line of the request that executed. */
const hasFault = (produced: Produced | null): boolean =>
  produced?.errors.some(({ extensions }) => extensions['code'] === 'INTERNAL_SERVER_ERROR') ??
  false;
