import type { Tenant } from '#src/domain/tenant.ts';
import type { Write } from '#src/domain/write.ts';
import { decodeWrite, encodeWrite } from '#src/reading/written/write-codec.ts';
import type { SharedWrite, SharedWrites } from '#src/store/shared-writes.ts';
import type { PageWriter } from './page-writer.ts';

/** Applies writes to the pages of all replicas. */
export interface ReplicaWrites {
  /** Applies a write that was answered, or failed, now: here, and then at the other replicas. */
  readonly apply: (tenant: Tenant, write: Write) => Promise<void>;
  /** Applies the writes of other replicas that this one has missed. */
  readonly catchUp: (tenant: Tenant) => Promise<void>;
}

export interface ReplicaWritesParts {
  /** Undefined: there is one replica. */
  readonly sharedWrites?: SharedWrites | undefined;
  readonly writer: Pick<PageWriter, 'apply'>;
  /** Called after another replica has ended the attempt to link a line, as far as it knows. */
  readonly onAttemptEnded?: ((tenant: Tenant, id: string) => void) | undefined;
}

export function createReplicaWrites(parts: ReplicaWritesParts): ReplicaWrites {
  const { sharedWrites, writer, onAttemptEnded } = parts;
  const applyOther = (tenant: Tenant, { text, ageMs }: SharedWrite) => {
    const write = decodeWrite(text);
    if (!write) return;
    writer.apply(tenant, write, ageMs);
    if (endsAttempt(write)) onAttemptEnded?.(tenant, write.id);
  };
  sharedWrites?.subscribe(applyOther);
  return {
    async apply(tenant, write) {
      writer.apply(tenant, write);
      await sharedWrites?.publish(tenant, encodeWrite(write));
    },
    async catchUp(tenant) {
      const missed = (await sharedWrites?.missed(tenant)) ?? [];
      for (const write of missed) applyOther(tenant, write);
    },
  };
}

/** A disconnect, an action whose outcome is unknown, or a connect that found the line linked. */
const endsAttempt = (write: Write): write is Write & { readonly kind: 'status' } =>
  write.kind === 'status' &&
  write.fields?.status !== 'connecting' &&
  write.fields?.status !== 'qr_pending';
