import { type GraphQLError, OperationTypeNode } from 'graphql';
import type { Failure } from '#src/domain/failure.ts';
import { lazy } from '#src/domain/lazy.ts';
import type { Span } from '#src/domain/span.ts';
import type { ParsedDocuments } from '#src/graphql/document/parsed-documents.ts';
import type { Admission, Callers } from '#src/http/auth/callers.ts';
import type { OperationOutcome, OperationRequest } from '#src/http/operation/operation-request.ts';
import {
  type OperationSummary,
  spanEndOf,
  summaryOf,
} from '#src/http/operation/operation-summary.ts';
import {
  type ParsedOperation,
  type ParsedRequest,
  type PreparedOperation,
  prepareOperation,
} from '#src/http/operation/prepared-operation.ts';
import type { TrustedDocumentSet } from '#src/http/operation/trusted-document-set.ts';
import type { YogaServer } from '#src/http/operation/yoga.ts';
import { encodingOf } from '#src/http/request/accept-encoding.ts';
import { clientNameOf } from '#src/http/request/client-name.ts';
import type { AcceptedStream } from '#src/http/request/accept-stream.ts';
import { deadlineOf } from '#src/http/request/deadline.ts';
import type { GraphqlParams } from '#src/http/request/graphql-params.ts';
import type { ResponseCache } from '#src/http/response-cache/response-cache.ts';
import { encodeReply } from '#src/http/response/compress.ts';
import { withEntityTag } from '#src/http/response/entity-tag.ts';
import { type Reply, send } from '#src/http/response/reply.ts';
import { createTurnEnd } from '#src/http/response/turn-end.ts';
import type { Subscriptions } from '#src/http/stream/run-subscription.ts';
import { sendAsStream } from '#src/http/stream/send-as-stream.ts';
import { streamFormats } from '#src/http/stream/stream-format.ts';
import type { ReadCost } from '#src/reading/session/read-cost.ts';
import { callerLabelOf } from './caller-label.ts';
import type { HttpExchange } from './router.ts';

export interface RunOperationParts {
  readonly documents: ParsedDocuments;
  /** Null: trusted documents are off. */
  readonly trustedDocuments: TrustedDocumentSet | null;
  readonly callers: Pick<Callers, 'admit'>;
  readonly yoga: YogaServer;
  /** Undefined: Yoga executes every operation. */
  readonly responseCache: ResponseCache | undefined;
  readonly subscriptions: Pick<Subscriptions, 'run'>;
  readonly requestTimeoutMs: number;
  /** The `Cache-Control` of a response without errors. */
  readonly cacheControlOf: (cost: ReadCost | null) => string;
  /** Called once for each operation, after its response was sent; not if an HTTP error ended it. */
  readonly onFinished: (operation: OperationSummary, cost: ReadCost | null) => void;
  /**
   * Starts the span of an operation, as a child of `traceparent`. Undefined: no operation is
   * traced.
   */
  readonly startSpan: ((traceparent: string | undefined) => Span) | undefined;
}

/** An operation as a handler has read it from the HTTP request. */
export type SentOperation = GraphqlParams &
  Pick<OperationRequest, 'method' | 'responseType'> & {
    /** The stream format that the client accepts; null: none. */
    readonly stream: AcceptedStream | null;
  };

/** Executes an operation, sends its response and reports it. */
export type RunOperation = (exchange: HttpExchange, sent: SentOperation) => Promise<void>;

export function createRunOperation(parts: RunOperationParts): RunOperation {
  const { documents, trustedDocuments, callers, yoga, responseCache, onFinished } = parts;

  const turnEnd = createTurnEnd();

  const requestOf = (
    { request, response, requestId }: HttpExchange,
    sent: SentOperation,
    onAdmission: (admission: Admission | Failure) => void,
  ): OperationRequest => ({
    ...sent,
    requestId,
    signal: deadlineOf(response, parts.requestTimeoutMs),
    noCache: hasNoCache(request.headers['cache-control']),
    span: parts.startSpan?.(request.headersDistinct['traceparent']?.join()),
    admit: lazy(async () => {
      const admission = await callers.admit(request, requestId);
      onAdmission(admission);
      return admission;
    }),
  });

  const answer = async (request: OperationRequest, prepared: PreparedOperation) => {
    const cached = isCacheable(prepared) ? await responseCache?.answer(request, prepared) : null;
    return cached ?? yoga.answer(request, prepared);
  };

  const replyOf = (
    { reply, errors, cost, entityTag }: OperationOutcome,
    { isQuery, tagged }: { readonly isQuery: boolean; readonly tagged: TaggedRequest | null },
  ): Reply => {
    const cacheControl = !isQuery
      ? 'no-store, no-transform'
      : errors?.length === 0
        ? parts.cacheControlOf(cost)
        : 'no-store';
    const headers = { ...reply.headers, 'cache-control': cacheControl };
    return tagged && entityTag && errors?.length === 0 && isFresh(cost)
      ? withEntityTag({ ...reply, headers }, entityTag(), tagged.ifNoneMatch)
      : { ...reply, headers };
  };

  return async (exchange, sent) => {
    const startedAt = performance.now();
    const sender: Sender = { caller: null, ...clientNameOf(exchange.request.headers) };
    const request = requestOf(exchange, sent, (admission) => {
      sender.caller = callerLabelOf(admission);
    });
    const prepared = prepareOperation(documents, trustedDocuments, sent);
    const { requestId, span } = request;
    const { operation } = prepared;
    const report = createReport({ requestId, span, operation, sender, startedAt, onFinished });

    if (isSubscription(prepared)) {
      const streamType = sent.stream?.type ?? null;
      const onEnd = onEndOfStream(report);
      return parts.subscriptions.run({ exchange, request, prepared, streamType, onEnd });
    }
    const outcome = await answer(request, prepared);
    const { request: sentRequest, response } = exchange;
    // The result of a mutation can have a QR code beside text of the client, so its compressed
    // length could tell the code (BREACH).
    const isQuery = prepared.operation?.type !== OperationTypeNode.MUTATION;
    if (sent.stream?.isPreferred) {
      const whole = replyOf(outcome, { isQuery, tagged: null });
      sendAsStream(exchange, streamFormats[sent.stream.type], whole);
      return report(outcome, response.destroyed ? 499 : 200);
    }
    const encoding = isQuery ? encodingOf(sentRequest.headers['accept-encoding']) : undefined;
    const ifNoneMatch = sentRequest.headers['if-none-match'];
    const tagged = sent.method === 'GET' ? { ifNoneMatch } : null;
    const whole = replyOf(outcome, { isQuery, tagged });
    const reply =
      encoding && !response.destroyed
        ? await encodeReply(whole, encoding, outcome.compressed)
        : whole;
    await turnEnd();
    // nginx's status for a client that closed the connection first.
    const status = response.destroyed ? 499 : reply.status;
    send(exchange, reply);
    // After the other responses of the turn are sent: 5 % less CPU time.
    await Promise.resolve();
    report(outcome, status);
  };
}

/** A function without the request in its scope, for as long as the stream is open. */
const onEndOfStream =
  (report: Report) =>
  (errors: readonly GraphQLError[]): void =>
    report({ errors, cost: null }, 200);

/** Who sent an operation, for the log. */
type Sender = Pick<OperationSummary, 'client' | 'clientVersion'> & {
  /** Null until the caller is admitted. */
  caller: string | null;
};

interface ReportParts {
  readonly requestId: string;
  readonly span: Span | undefined;
  readonly operation: ParsedOperation | null;
  readonly sender: Sender;
  readonly startedAt: number;
  readonly onFinished: RunOperationParts['onFinished'];
}

type Report = (outcome: Omit<OperationOutcome, 'reply'>, status: number) => void;

/**
 * The function that reports an operation when it has ended. It has the facts and not the request:
 * the end of a stream may be an hour away.
 */
const createReport =
  ({ requestId, span, operation, sender, startedAt, onFinished }: ReportParts): Report =>
  (outcome, status) => {
    const durationMs = performance.now() - startedAt;
    const facts = { ...sender, durationMs, status };
    const summary = summaryOf({ requestId, span }, operation, outcome, facts);
    span?.end(spanEndOf(summary));
    onFinished(summary, outcome.cost);
  };

/** A request whose response gets an entity tag. */
interface TaggedRequest {
  readonly ifNoneMatch: string | undefined;
}

const hasNoCache = (cacheControl = ''): boolean =>
  /(?:^|[\s,])no-cache(?:$|[\s,=])/i.test(cacheControl);

/**
 * Whether a response has rows, none of them stale: only such a response has an entity tag. After a
 * 304 a client keeps the `extensions` of its copy, so a stale response is always sent.
 */
const isFresh = (cost: ReadCost | null): boolean =>
  cost !== null && cost.asOf !== null && !cost.stale;
/** Whether a stream answers: a valid subscription. An invalid one has its errors as all others. */
const isSubscription = (prepared: PreparedOperation): prepared is ParsedRequest =>
  prepared.kind === 'parsed' &&
  prepared.parsed.errors.length === 0 &&
  prepared.operation?.type === OperationTypeNode.SUBSCRIPTION;

/** Whether the response cache may answer: a valid query that reads instances. */
const isCacheable = (prepared: PreparedOperation): prepared is ParsedRequest =>
  prepared.kind === 'parsed' &&
  prepared.parsed.errors.length === 0 &&
  prepared.operation?.type === OperationTypeNode.QUERY &&
  prepared.operation.readsInstances;
