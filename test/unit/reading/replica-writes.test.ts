import { expect, test } from 'vitest';
import type { Write } from '#src/domain/write.ts';
import { createReplicaWrites } from '#src/reading/upstream/replica-writes.ts';
import { encodeWrite } from '#src/reading/written/write-codec.ts';
import type { SharedWrite } from '#src/store/shared-writes.ts';

/** A replica that gets the writes of others. */
function createReplica() {
  const applied: Write[] = [];
  const ended: string[] = [];
  let receive: ((tenant: string, write: SharedWrite) => void) | undefined;
  createReplicaWrites({
    sharedWrites: {
      publish: async () => {},
      missed: async () => [],
      subscribe: (onWrite) => void (receive = onWrite),
    },
    writer: { apply: (_tenant, write) => void applied.push(write) },
    onAttemptEnded: (_tenant, id) => void ended.push(id),
  });
  const get = (write: Write) => receive?.('tenant', { text: encodeWrite(write), ageMs: 0 });
  return { applied, ended, get };
}

test('the end of an attempt at another replica ends it here, and an event of a webhook does not', () => {
  const { applied, ended, get } = createReplica();
  get({ kind: 'event', id: 'inst_1', fields: {} });
  get({ kind: 'status', id: 'inst_2', fields: { status: 'connecting' } });
  expect(ended).toEqual([]);
  get({ kind: 'status', id: 'inst_3', fields: {} });
  expect(ended).toEqual(['inst_3']);
  expect(applied).toHaveLength(3);
});
