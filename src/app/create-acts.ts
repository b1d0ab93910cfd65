import { type Acts, createActs } from '#src/acting/acts.ts';
import { createConnectOnce } from '#src/acting/connect-once.ts';
import { createIdempotentCreate } from '#src/acting/idempotent-create.ts';
import { createSendWrite, type WriteRequest } from '#src/acting/send-write.ts';
import type { Clock } from '#src/domain/clock.ts';
import type { EnviaaiWrites } from '#src/enviaai/client/instances.ts';
import { cachedInstance } from '#src/reading/by-id/cached-instance.ts';
import type { LinkAttempts } from '#src/reading/live/lines/link-attempts.ts';
import type { ReadSession } from '#src/reading/session/read-session.ts';
import type { Dispatch } from '#src/reading/upstream/dispatch.ts';
import type { SharedReads } from '#src/reading/upstream/shared-reads.ts';
import type { ActionRecords } from '#src/store/action-records.ts';

export interface ActsWiring {
  readonly dispatch: Dispatch;
  readonly enviaai: EnviaaiWrites;
  readonly reads: Pick<SharedReads, 'applyWrite'>;
  readonly actions: ActionRecords;
  readonly attempts: LinkAttempts;
  readonly clock: Clock;
}

/** Wires writing: what all operations share, and the writes of each operation. */
export function createActsFactory(wiring: ActsWiring) {
  const { reads } = wiring;
  const sendWrite = createSendWrite({
    ...wiring,
    onWritten: reads.applyWrite,
  });
  const parts = {
    sendWrite,
    createOnce: createIdempotentCreate({ ...wiring, sendWrite }),
    connectOnce: createConnectOnce({ ...wiring, sendWrite }),
  };
  return (session: ReadSession, request: Omit<WriteRequest, 'sent'>): Acts =>
    createActs(parts, {
      ...request,
      sent() {
        session.recorder.reads();
        session.recorder.sent();
      },
      knownSettings: (id) => cachedInstance(session, id)?.settings ?? null,
    });
}
