import type { InstanceFields } from '#src/domain/instance-fields.ts';
import type { InstanceChanges, NewInstance } from '#src/domain/instance-input.ts';
import type { LineState } from '#src/domain/line-state.ts';
import type { Row } from '#src/domain/row.ts';
import { createdRowOf, instanceFieldsOf } from '#src/enviaai/response/instance-response.ts';
import { lineStateOf, linked } from '#src/enviaai/response/line-state-response.ts';
import { readWrite } from './action-response.ts';
import { requireId } from './call-kinds.ts';
import type { CallCredentials } from './call-report.ts';
import { call, type Transport } from './call.ts';

/**
 * The calls that change something. Each is sent at most once, and rejects as `outcome-unknown` if
 * EnviaAI may have done it all the same; after any other failure, EnviaAI has not done it. The
 * caller's signal aborts a call only before it is sent.
 */
export interface EnviaaiWrites {
  create(caller: CallCredentials, input: NewInstance): Promise<Row>;
  /** What the response says of the instance; null: it cannot be read, and the update is done. */
  update(
    caller: CallCredentials,
    id: string,
    changes: InstanceChanges,
  ): Promise<InstanceFields | null>;
  /** Begins to link a line by QR code. Does nothing if it is linked. */
  connect(caller: CallCredentials, id: string): Promise<LineState>;
  /** The status that the line has then; null: it was not linked, but may be about to be. */
  disconnect(caller: CallCredentials, id: string, reason?: string): Promise<'disconnected' | null>;
}

export const createWrites = (transport: Transport): EnviaaiWrites => ({
  create: (caller, input) =>
    call(transport, {
      kind: 'create',
      caller,
      body: bodyOf(input),
      read: (...response) =>
        readWrite(
          { parse: (json) => createdRowOf(json, transport.onUnreadable), hasId: false },
          ...response,
        ),
    }),

  async update(caller, id, changes) {
    const reader = {
      parse: (json: unknown) => instanceFieldsOf(json, id),
      unreadable: { value: null },
      hasId: true,
    };
    return call(transport, {
      kind: 'update',
      caller,
      id: requireId(id),
      body: bodyOf(changes),
      read: (...response) => readWrite<InstanceFields | null>(reader, ...response),
    });
  },

  async connect(caller, id) {
    const parse = (json: unknown) => lineStateOf(json, transport.onUnreadable);
    const done = { code: 'already_connected', value: linked };
    return call(transport, {
      kind: 'connect',
      caller,
      id: requireId(id),
      body: { method: 'qrcode' },
      read: (...response) => readWrite({ parse, done, hasId: true }, ...response),
    });
  },

  async disconnect(caller, id, reason) {
    const success = { value: 'disconnected' as const };
    const done = { code: 'instance_not_connected', value: null };
    const reader = { parse: () => success.value, unreadable: success, done, hasId: true };
    return call(transport, {
      kind: 'disconnect',
      caller,
      id: requireId(id),
      body: { reason },
      read: (...response) => readWrite<'disconnected' | null>(reader, ...response),
    });
  },
});

/** The fields that are given; JSON leaves out those that are undefined. */
const bodyOf = ({ name, webhookUrl, webhookEvents, settings }: InstanceChanges) => ({
  name,
  webhookUrl,
  webhookEvents,
  settings: settings && { autoRead: settings.autoRead, autoTyping: settings.autoTyping },
});
