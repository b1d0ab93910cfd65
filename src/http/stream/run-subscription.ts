import { hash } from 'node:crypto';
import { GraphQLError, type GraphQLField, type GraphQLSchema } from 'graphql';
import type { Clock } from '#src/domain/clock.ts';
import { Failure } from '#src/domain/failure.ts';
import { selectedFieldsOf } from '#src/graphql/document/selected-root-fields.ts';
import { limitExceeded } from '#src/graphql/errors.ts';
import { needsWrite } from '#src/graphql/needs-write.ts';
import type { Admission } from '#src/http/auth/callers.ts';
import type { CheckOperation } from '#src/http/operation/execute-operation.ts';
import type { ContextRequest, OperationRequest } from '#src/http/operation/operation-request.ts';
import type { ParsedRequest } from '#src/http/operation/prepared-operation.ts';
import type { ErrorLog } from '#src/http/response/error-log.ts';
import { HttpError } from '#src/http/response/http-error.ts';
import type { PendingResponse } from '#src/http/response/reply.ts';
import { type Cohort, createCohort } from './cohort.ts';
import {
  type OpenStream,
  refuseStream,
  type StreamListener,
  type StreamOwner,
} from './open-stream.ts';
import { createOpenStreams, type StreamEvents, type StreamLimits } from './open-streams.ts';
import { createOperationBytes, type SentOperation } from './operation-bytes.ts';
import { type StreamFormat, streamFormats, type StreamType } from './stream-format.ts';
import { createSubscribedOperation } from './subscribed-operation.ts';

/** What subscriptions need, besides what all operations do. */
export interface LiveRules<Context> {
  /** `pollMs` 0: there are no subscriptions. */
  readonly limits: StreamLimits & { readonly pollMs: number };
  /** Throws the reason why a caller may not subscribe to a field. */
  readonly assertMayRun: (field: GraphQLField<unknown, unknown>, context: Context) => void;
  readonly clock: Clock;
  /** 0 to 1. */
  readonly random: () => number;
  readonly events: StreamEvents;
}

export interface SubscriptionParts<Context> {
  readonly schema: GraphQLSchema;
  readonly contextOf: (request: ContextRequest) => Context;
  readonly check?: CheckOperation | undefined;
  readonly maskError: (error: unknown) => GraphQLError;
  readonly errorLog: ErrorLog;
  /** Whether errors name what the schema has in place of a wrong name or value. */
  readonly suggestions: boolean;
  readonly live: LiveRules<Context>;
}

/** A valid subscription that is to be answered by a stream. */
export interface SubscriptionRequest {
  readonly exchange: PendingResponse;
  readonly request: OperationRequest;
  readonly prepared: ParsedRequest;
  /** Null: the client accepts no stream. */
  readonly streamType: StreamType | null;
  /** Called once, at the end of the stream, with the errors that the client got. */
  readonly onEnd: (errors: readonly GraphQLError[]) => void;
}

export interface Subscriptions {
  /** Resolves when the stream is open, or refused. Rejects with an `HttpError`. */
  readonly run: (request: SubscriptionRequest) => Promise<void>;
  /** Ends all streams. */
  readonly shutDown: () => Promise<void>;
  readonly count: () => number;
}

export function createSubscriptions<Context>(parts: SubscriptionParts<Context>): Subscriptions {
  const { schema, live, maskError, errorLog, suggestions } = parts;
  const streams = createOpenStreams(live);
  const cohorts = new Map<string, Cohort>();
  const operationBytes = createOperationBytes();

  /** The context of a caller that may subscribe. Throws the reason why it may not. */
  function contextOf(
    { request, prepared }: SubscriptionRequest,
    admission: Admission,
    signal: AbortSignal,
  ): Context {
    if (live.limits.pollMs === 0) {
      throw limitExceeded('LIVE_POLL_MS', 'This server has no subscriptions.');
    }
    const { operationName, variables } = request.params;
    const operation = { schema, document: prepared.parsed.document, operationName };
    const refusal = parts.check?.({ ...operation, variables });
    if (refusal) throw refusal;
    const context = parts.contextOf({ ...request, admission, signal: () => signal });
    for (const field of selectedFieldsOf(operation)) live.assertMayRun(field, context);
    return context;
  }

  function openCohort(
    key: string,
    { request, prepared }: SubscriptionRequest,
    { context, release }: { readonly context: Context; readonly release: () => void },
  ): Cohort {
    const { variables: variableValues, operationName } = request.params;
    const { document } = prepared.parsed;
    const operation = createSubscribedOperation({
      args: { schema, document, contextValue: context, variableValues, operationName },
      maskError,
      errorLog,
      requestId: request.requestId,
      suggestions,
    });
    const cohort = createCohort({
      ...operation,
      onEnd() {
        release();
        if (cohorts.get(key) === cohort) cohorts.delete(key);
      },
    });
    cohorts.set(key, cohort);
    return cohort;
  }

  function open(
    subscription: SubscriptionRequest,
    format: StreamFormat,
    admission: Admission,
  ): void {
    const { exchange, request, prepared } = subscription;
    const { document } = prepared.parsed;
    const { operationName } = request.params;
    const stopped = new AbortController();
    const context = contextOf(subscription, admission, stopped.signal);
    const sent = sentOperationOf(subscription);
    const key = keyOf(admission, subscription, sent);
    if (!cohorts.has(key)) operationBytes.assertRoom(admission.tenant, sent);
    const membership = new Membership(subscription.onEnd);
    const stream = streams.open({
      ...ownerOf(admission, live.clock),
      exchange,
      format,
      isSecret: selectedFieldsOf({ schema, document, operationName }).some(needsWrite),
      listener: membership,
    });
    if (stream instanceof GraphQLError) throw stream;
    const openOwnCohort = () => {
      const remove = operationBytes.add(admission.tenant, sent);
      const release = () => {
        stopped.abort();
        remove();
      };
      return openCohort(key, subscription, { context, release });
    };
    const join = () => {
      // It may have ended while it waited for a cohort that has ended, too.
      if (membership.isEnded()) return;
      const cohort = cohorts.get(key) ?? openOwnCohort();
      membership.enter(cohort);
      cohort.join(stream, join);
    };
    join();
  }

  return {
    async run(subscription) {
      const { exchange, request, streamType, onEnd } = subscription;
      if (request.method !== 'POST') throw notByGet();
      if (streamType === null) throw noStream();
      const format = streamFormats[streamType];
      try {
        const admission = await request.admit();
        if (admission instanceof Failure) throw admission;
        if (exchange.response.destroyed) return onEnd([]);
        open(subscription, format, admission);
      } catch (error) {
        errorLog.record(error, { requestId: request.requestId });
        const errors = [maskError(error)];
        refuseStream(exchange, format, errors);
        onEnd(errors);
      }
    },
    shutDown: streams.shutDown,
    count: streams.count,
  };
}

/** The cohort of one stream. It has nothing of the request, which ends before the stream. */
class Membership implements StreamListener {
  #cohort: Cohort | undefined;
  #isEnded = false;
  readonly #onEnd: SubscriptionRequest['onEnd'];

  constructor(onEnd: SubscriptionRequest['onEnd']) {
    this.#onEnd = onEnd;
  }

  enter(cohort: Cohort): void {
    this.#cohort = cohort;
  }

  isEnded(): boolean {
    return this.#isEnded;
  }

  onResync(stream: OpenStream): void {
    this.#cohort?.resync(stream);
  }

  onEnd(stream: OpenStream, errors: readonly GraphQLError[]): void {
    this.#isEnded = true;
    this.#cohort?.leave(stream);
    this.#onEnd(errors);
  }
}

function sentOperationOf({ request, prepared }: SubscriptionRequest): SentOperation {
  const variablesJson = request.variablesJson();
  if (variablesJson !== null) return { document: prepared.text, variablesJson };
  throw new GraphQLError(
    'The variables are nested too deeply, or have a number that is too large.',
    {
      extensions: { code: 'BAD_USER_INPUT' },
    },
  );
}

/** Streams with the same key share one execution. */
const keyOf = (
  { tenant }: Admission,
  { request, prepared }: SubscriptionRequest,
  { variablesJson }: SentOperation,
): string =>
  JSON.stringify([
    tenant,
    prepared.parsed.id,
    request.params.operationName ?? null,
    hash('sha256', variablesJson),
  ]);

function ownerOf({ tenant, caller, expiresAtMs }: Admission, { now, wall }: Clock): StreamOwner {
  return {
    tenant,
    callerId: caller.kind === 'sharer' ? caller.id : null,
    validMs: expiresAtMs === null ? null : expiresAtMs - now() - wall().aheadMs,
  };
}

const notByGet = () =>
  new HttpError(405, 'A subscription is sent by POST.', { headers: { allow: 'POST' } });

const noStream = () =>
  new HttpError(
    406,
    'A subscription needs an Accept header with text/event-stream, or with ' +
      'multipart/mixed;subscriptionSpec=1.0.',
  );
