import type { Caller } from '#src/domain/caller.ts';
import type { Clock } from '#src/domain/clock.ts';
import { Failure } from '#src/domain/failure.ts';
import type { InstanceFields } from '#src/domain/instance-fields.ts';
import type { InstanceChanges, NewInstance } from '#src/domain/instance-input.ts';
import type { LineState } from '#src/domain/line-state.ts';
import type { Row } from '#src/domain/row.ts';
import type { Span } from '#src/domain/span.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { CallCredentials, EnviaaiWrites } from '#src/enviaai/client/instances.ts';
import type { Dispatch } from '#src/reading/upstream/dispatch.ts';

/** For whom something is written. */
export interface WriteRequest {
  readonly tenant: Tenant;
  readonly apiKey: string;
  /** Undefined: its calls are not counted by caller. */
  readonly caller?: Caller | undefined;
  readonly requestId: string;
  /** Aborted when nobody waits any more: a write that was not sent by then is not sent. */
  readonly signal: AbortSignal;
  /** Called when the upstream call is sent. */
  readonly sent?: (() => void) | undefined;
  /** What the call is part of. */
  readonly span?: Span | undefined;
}

export interface Written<T> {
  readonly result: T;
  /** When EnviaAI's response came, in milliseconds. */
  readonly answeredAt: number;
}

/** A write that EnviaAI has done, or may have done. */
export interface WriteNotice {
  readonly tenant: Tenant;
  readonly kind: 'create' | 'update' | 'connect' | 'disconnect';
  /** Null: an instance may have been created, and its id is not known. */
  readonly id: string | null;
  /** When the response or the failure came, in milliseconds. */
  readonly answeredAt: number;
  /**
   * What the response says of the instance, or the state that the write brings. Null: nothing; the
   * outcome may be unknown.
   */
  readonly fields: InstanceFields | null;
}

/**
 * The writes. Each is sent at most once; a failure is `outcome-unknown` if EnviaAI may have done it
 * all the same.
 */
export interface SendWrite {
  create(request: WriteRequest, input: NewInstance): Promise<Written<Row>>;
  /** The result is null if EnviaAI's response says nothing of the instance. */
  update(
    request: WriteRequest,
    id: string,
    changes: InstanceChanges,
  ): Promise<Written<InstanceFields | null>>;
  connect(request: WriteRequest, id: string): Promise<Written<LineState>>;
  disconnect(request: WriteRequest, id: string, reason?: string): Promise<Written<void>>;
}

export interface SendWriteOptions {
  readonly dispatch: Dispatch;
  readonly enviaai: EnviaaiWrites;
  readonly now: Clock['now'];
  /**
   * Called after each write that may have reached EnviaAI, and awaited before its result is
   * returned, so that the next read of the same caller can see it. Never rejects.
   */
  readonly onWritten: (notice: WriteNotice) => Promise<void> | void;
}

type Effect = Pick<WriteNotice, 'id' | 'fields'>;

interface Write<T> {
  readonly kind: WriteNotice['kind'];
  /** Null: it creates an instance. */
  readonly id: string | null;
  readonly call: (credentials: CallCredentials) => Promise<T>;
  readonly effectOf: (result: T) => Effect;
}

export function createSendWrite(options: SendWriteOptions): SendWrite {
  const { dispatch, enviaai, now, onWritten } = options;

  /** The call within the dispatch: its result, or its failure if the outcome is not known. */
  async function callOnce<T>(
    { tenant, apiKey, requestId, signal, span }: WriteRequest,
    { kind, id, call, effectOf }: Write<T>,
    ticket: string,
  ): Promise<() => Written<T>> {
    let result: T;
    try {
      result = await call({ tenant, apiKey, requestId, signal, span, ticket });
    } catch (failure) {
      if (failure instanceof Failure && failure.kind === 'outcome-unknown') {
        await onWritten({ tenant, kind, id, answeredAt: now(), fields: null });
      }
      throw failure;
    }
    const answeredAt = now();
    await onWritten({ tenant, kind, answeredAt, ...effectOf(result) });
    return () => ({ result, answeredAt });
  }

  const send = <T>(request: WriteRequest, write: Write<T>): Promise<Written<T>> => {
    const { tenant, caller, signal, sent = () => {} } = request;
    return dispatch(
      { tenant, caller, signal, sent, purpose: 'write', hasOwnScope: true },
      ({ ticket }) => callOnce(request, write, ticket),
    );
  };

  return {
    create: (request, input) =>
      send(request, {
        kind: 'create',
        id: null,
        call: (credentials) => enviaai.create(credentials, input),
        effectOf: ({ key, instance }) => ({ id: key, fields: instance }),
      }),
    update: (request, id, changes) =>
      send(request, {
        kind: 'update',
        id,
        call: (credentials) => enviaai.update(credentials, id, changes),
        effectOf: (fields) => ({ id, fields }),
      }),
    connect: (request, id) =>
      send(request, {
        kind: 'connect',
        id,
        call: (credentials) => enviaai.connect(credentials, id),
        effectOf: ({ status }) => ({ id, fields: status === 'unknown' ? null : { id, status } }),
      }),
    disconnect: (request, id, reason) =>
      send(request, {
        kind: 'disconnect',
        id,
        call: (credentials) => enviaai.disconnect(credentials, id, reason),
        effectOf: () => ({ id, fields: { id, status: 'disconnected' } }),
      }),
  };
}
