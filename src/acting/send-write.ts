import type { Caller } from '#src/domain/caller.ts';
import type { Clock } from '#src/domain/clock.ts';
import { Failure } from '#src/domain/failure.ts';
import type { InstanceFields } from '#src/domain/instance-fields.ts';
import type { InstanceChanges, NewInstance } from '#src/domain/instance-input.ts';
import type { LineState } from '#src/domain/line-state.ts';
import type { Row } from '#src/domain/row.ts';
import type { Span } from '#src/domain/span.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { Write } from '#src/domain/write.ts';
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

/**
 * The writes. Each is sent at most once; a failure is `outcome-unknown` if EnviaAI may have done it
 * all the same.
 */
export interface SendWrite {
  create(request: WriteRequest, input: NewInstance): Promise<Row>;
  /** The result is null if EnviaAI's response says nothing of the instance. */
  update(
    request: WriteRequest,
    id: string,
    changes: InstanceChanges,
  ): Promise<InstanceFields | null>;
  connect(request: WriteRequest, id: string): Promise<LineState>;
  /** The result is null if the line was not linked, but may be about to be. */
  disconnect(request: WriteRequest, id: string, reason?: string): Promise<'disconnected' | null>;
}

export interface SendWriteOptions {
  readonly dispatch: Dispatch;
  readonly enviaai: EnviaaiWrites;
  readonly clock: Pick<Clock, 'now'>;
  /**
   * Called after each write that may have reached EnviaAI, and awaited before its result is
   * returned, so that the next read of the same caller can see it. Never rejects.
   */
  readonly onWritten: (tenant: Tenant, write: Write) => Promise<void>;
}

interface Call<T> {
  readonly call: (credentials: CallCredentials) => Promise<T>;
  /** What reads have to know of the write; without a result, its outcome is unknown. */
  readonly writeOf: (result?: T) => Write;
}

export function createSendWrite(options: SendWriteOptions): SendWrite {
  const { dispatch, enviaai, clock, onWritten } = options;

  /** The call within the dispatch: its result, or its failure if the outcome is not known. */
  async function callOnce<T>(
    { tenant, apiKey, requestId, signal, span }: WriteRequest,
    { call, writeOf }: Call<T>,
    ticket: string,
  ): Promise<() => T> {
    const sentAt = clock.now();
    const note = (write: Write) => {
      const tookMs = clock.now() - sentAt;
      return onWritten(tenant, write.kind === 'create' ? write : { ...write, tookMs });
    };
    let result: T;
    try {
      result = await call({ tenant, apiKey, requestId, signal, span, ticket });
    } catch (failure) {
      if (failure instanceof Failure && failure.kind === 'outcome-unknown') {
        await note(writeOf());
      }
      throw failure;
    }
    await note(writeOf(result));
    return () => result;
  }

  const send = <T>(request: WriteRequest, write: Call<T>): Promise<T> => {
    const { tenant, caller, signal, sent = () => {} } = request;
    return dispatch(
      { tenant, caller, signal, sent, purpose: 'write', hasOwnScope: true },
      ({ ticket }) => callOnce(request, write, ticket),
    );
  };

  return {
    create: (request, input) =>
      send(request, {
        call: (credentials) => enviaai.create(credentials, input),
        // A row without a name is read from EnviaAI instead.
        writeOf: (row) => ({ kind: 'create', row: row?.instance ? row : null }),
      }),
    update: (request, id, changes) =>
      send(request, {
        call: (credentials) => enviaai.update(credentials, id, changes),
        writeOf: (fields) => ({
          kind: 'update',
          id,
          fields: fields ? changed(fields, changes) : null,
        }),
      }),
    connect: (request, id) =>
      send(request, {
        call: (credentials) => enviaai.connect(credentials, id),
        writeOf: (state) => ({
          kind: 'status',
          id,
          fields: !state || state.status === 'unknown' ? null : { status: state.status },
        }),
      }),
    disconnect: (request, id, reason) =>
      send(request, {
        call: (credentials) => enviaai.disconnect(credentials, id, reason),
        writeOf: (status) => ({ kind: 'status', id, fields: status ? { status } : null }),
      }),
  };
}

/**
 * What an update has changed, as EnviaAI's answer has it; null: the answer does not have all of it.
 * The rest of the answer may be older than the next list: another write can have been answered in
 * between, and a line can lose its phone.
 */
function changed(answer: InstanceFields, changes: InstanceChanges): InstanceFields | null {
  // The documented answer lacks the events [D].
  const values = new Map<string, unknown>(
    Object.entries({ webhookEvents: changes.webhookEvents, ...answer }),
  );
  const names = Object.entries(changes).flatMap(([name, value]) =>
    value === undefined ? [] : name,
  );
  if (names.some((name) => values.get(name) === undefined)) return null;
  return Object.fromEntries(names.map((name) => [name, values.get(name)]));
}
