import { z } from 'zod';
import type { Clock } from '#src/domain/clock.ts';
import type { LineState } from '#src/domain/line-state.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import { codeValidMs, type LinkAttempts } from '#src/reading/live/lines/link-attempts.ts';
import type { ActionRecords } from '#src/store/action-records.ts';
import type { SendWrite, WriteRequest } from './send-write.ts';

export interface ConnectOnceParts {
  readonly sendWrite: Pick<SendWrite, 'connect'>;
  readonly actions: ActionRecords;
  readonly attempts: LinkAttempts;
  readonly clock: Pick<Clock, 'now' | 'wall'>;
}

/** An attempt whose process has stopped is begun again after this time, in milliseconds. */
const lostMs = 1000;

/** The name of its record, which other replicas join. */
export const connectActionOf = (id: string): string => `connect:${id}`;

/**
 * Begins to link a line, once for all who want it: while the code of an attempt is valid, every
 * caller on every replica gets this code. The code is stored no longer than it is valid.
 */
export function createConnectOnce({ sendWrite, actions, attempts, clock }: ConnectOnceParts) {
  async function connect(request: WriteRequest, id: string): Promise<LineState> {
    const result = await sendWrite.connect(request, id);
    if (codeValidMs(result, clock) > 0) attempts.started(request.tenant, id, result);
    return result;
  }

  return {
    async connect(request: WriteRequest, id: string): Promise<LineState> {
      const { tenant, signal } = request;
      const current = attempts.current(tenant, id);
      if (current) return current;
      const record = await actions.begin(tenant, connectActionOf(id), { lostMs, signal });
      if (record.kind === 'lost') return connect(request, id);
      if (record.kind === 'finished') {
        const state = decodeState(record.outcome);
        if (!state || codeValidMs(state, clock) <= 0) return connect(request, id);
        attempts.started(tenant, id, state);
        return state;
      }
      try {
        const state = await connect(request, id);
        const validMs = codeValidMs(state, clock);
        if (validMs > 0) await record.finish(JSON.stringify(state), validMs);
        else await record.undo();
        return state;
      } catch (failure) {
        await record.undo();
        throw failure;
      }
    },

    /** Ends an attempt: the next caller begins another. */
    async end(tenant: Tenant, id: string): Promise<void> {
      attempts.ended(tenant, id);
      await actions.forget(tenant, connectActionOf(id));
    },
  };
}

const state = z.object({
  status: z.enum(['connected', 'disconnected', 'connecting', 'qr_pending', 'unknown']),
  image: z.string(),
  expiresAt: z.string(),
});

/** Null: the text is of another release. */
function decodeState(outcome: string): LineState | null {
  return state.safeParse(JSON.parse(outcome)).data ?? null;
}
