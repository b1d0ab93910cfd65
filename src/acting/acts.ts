import { Failure } from '#src/domain/failure.ts';
import type { Instance, InstanceSettings } from '#src/domain/instance.ts';
import type { InstanceFields } from '#src/domain/instance-fields.ts';
import type { InstanceChanges, NewInstance } from '#src/domain/instance-input.ts';
import type { LineState } from '#src/domain/line-state.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { CreatedInstance } from './idempotent-create.ts';
import { withBothSettings } from './known-settings.ts';
import type { SendWrite, WriteRequest } from './send-write.ts';
import { type UserError, userErrorOf } from './user-error.ts';

/** The outcome of a write that EnviaAI has done, or refused for a reason that the caller can mend. */
export interface ActOutcome {
  /** Null: EnviaAI refused the write. */
  readonly id: string | null;
  /** What EnviaAI's response says of the instance; null: nothing. */
  readonly fields: InstanceFields | null;
  readonly userErrors: readonly UserError[];
}

export interface ConnectOutcome extends ActOutcome {
  /** Null: EnviaAI refused the write. */
  readonly lineState: LineState | null;
}

/** The writes of one operation. A failure that the caller cannot mend rejects. */
export interface Acts {
  /** `idempotencyKey`: a second call with it gets the outcome of the first. */
  create(input: NewInstance, idempotencyKey: string | null): Promise<ActOutcome>;
  update(id: string, changes: InstanceChanges): Promise<ActOutcome>;
  connect(id: string): Promise<ConnectOutcome>;
  disconnect(id: string, reason: string | undefined): Promise<ActOutcome>;
}

/** What the writes of all operations share. */
export interface ActsParts {
  readonly sendWrite: Pick<SendWrite, 'update' | 'disconnect'>;
  readonly createOnce: (
    request: WriteRequest,
    input: NewInstance,
    key: string | null,
  ) => Promise<CreatedInstance>;
  readonly connectOnce: {
    connect(request: WriteRequest, id: string): Promise<LineState>;
    end(tenant: Tenant, id: string): Promise<void>;
  };
}

export interface ActsRequest extends WriteRequest {
  /** The settings of an instance, as far as cached pages have them; costs no call. */
  readonly knownSettings: (id: string) => InstanceSettings | null;
}

export function createActs(parts: ActsParts, request: ActsRequest): Acts {
  const { sendWrite, createOnce, connectOnce } = parts;
  /** Ends the attempt to link a line that may have been disconnected. */
  async function endAttempt<T>(id: string, disconnecting: Promise<T>): Promise<T> {
    try {
      const written = await disconnecting;
      if (written !== null) await connectOnce.end(request.tenant, id);
      return written;
    } catch (failure) {
      const isUnknown = failure instanceof Failure && failure.kind === 'outcome-unknown';
      if (isUnknown) await connectOnce.end(request.tenant, id);
      throw failure;
    }
  }

  return {
    create: (input, key) =>
      outcomeOf(async () => {
        const { id, fields } = await createOnce(request, input, key);
        return { id, fields, userErrors: [] };
      }),
    update: (id, changes) =>
      outcomeOf(async () => {
        const complete = withBothSettings(changes, request.knownSettings(id));
        const result = await sendWrite.update(request, id, complete);
        return { id, fields: result, userErrors: [] };
      }),
    async connect(id) {
      let lineState: LineState | null = null;
      const outcome = await outcomeOf(async () => {
        lineState = await connectOnce.connect(request, id);
        return { id, fields: fieldsOf(id, lineState.status), userErrors: [] };
      });
      return { ...outcome, lineState };
    },
    disconnect: (id, reason) =>
      outcomeOf(async () => {
        const status = await endAttempt(id, sendWrite.disconnect(request, id, reason));
        return { id, fields: status ? { id, status } : { id }, userErrors: [] };
      }),
  };
}

/** The row of a line that is being linked may have either status: it is read. */
const fieldsOf = (id: string, status: Instance['status']): InstanceFields =>
  status === 'connected' || status === 'disconnected' ? { id, status } : { id };

async function outcomeOf(act: () => Promise<ActOutcome>): Promise<ActOutcome> {
  try {
    return await act();
  } catch (failure) {
    const userError = failure instanceof Failure ? userErrorOf(failure) : null;
    if (!userError) throw failure;
    return { id: null, fields: null, userErrors: [userError] };
  }
}
