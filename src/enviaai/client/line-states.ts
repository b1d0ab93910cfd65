import type { InstanceDetails } from '#src/domain/instance-details.ts';
import type { LineState } from '#src/domain/line-state.ts';
import { detailsOf } from '#src/enviaai/response/details-response.ts';
import { lineStateOf, linked } from '#src/enviaai/response/line-state-response.ts';
import { readState } from './action-response.ts';
import { requireId } from './call-kinds.ts';
import type { CallCredentials } from './call-report.ts';
import { call, type Transport } from './call.ts';

/** Reads of one line. An unknown id rejects as `refused`, with the code `instance_not_found`. */
export interface EnviaaiLineState {
  status(caller: CallCredentials, id: string): Promise<InstanceDetails>;
  /** The current QR code of a line that is being linked. */
  qrCode(caller: CallCredentials, id: string): Promise<LineState>;
}

export const createLineState = (transport: Transport): EnviaaiLineState => ({
  async status(caller, id) {
    const parse = (json: unknown) => detailsOf(json, id, transport.onUnreadable);
    const reader = { parse, hasId: true };
    return call(transport, {
      kind: 'status',
      caller,
      id: requireId(id),
      read: (...response) => readState(reader, ...response),
    });
  },

  async qrCode(caller, id) {
    const parse = (json: unknown) => lineStateOf(json, transport.onUnreadable);
    const done = { code: 'already_connected', value: linked };
    return call(transport, {
      kind: 'qrcode',
      caller,
      id: requireId(id),
      read: (...response) => readState({ parse, done, hasId: true }, ...response),
    });
  },
});
