import { z } from 'zod';
import { unreadable } from '#src/domain/instance.ts';
import type { Write } from '#src/domain/write.ts';

// The form of a write as text, for other replicas. It is checked, because they may be of another
// release.

const text = z.string().nullable();
/** A field that cannot be read has no JSON: `false` represents it. */
const readable = text.or(z.literal(false).transform((): typeof unreadable => unreadable));

const fields = {
  name: z.string(),
  phone: readable,
  status: z.enum(['connected', 'disconnected', 'connecting', 'qr_pending', 'unknown']),
  profileName: text,
  profilePicUrl: readable,
  createdAt: readable,
  lastSeenAt: readable,
  webhookUrl: readable,
  webhookEvents: z.array(z.string()).nullable(),
  settings: z.object({ autoRead: z.boolean(), autoTyping: z.boolean() }).nullable(),
};

const change = {
  id: z.string(),
  fields: z
    .object({
      name: fields.name.exactOptional(),
      phone: fields.phone.exactOptional(),
      status: fields.status.exactOptional(),
      profileName: fields.profileName.exactOptional(),
      profilePicUrl: fields.profilePicUrl.exactOptional(),
      createdAt: fields.createdAt.exactOptional(),
      lastSeenAt: fields.lastSeenAt.exactOptional(),
      webhookUrl: fields.webhookUrl.exactOptional(),
      webhookEvents: fields.webhookEvents.exactOptional(),
      settings: fields.settings.exactOptional(),
    })
    .nullable(),
  tookMs: z.number().nonnegative().exactOptional(),
};
const instance = z.object({ id: z.string(), ...fields });
const row = z.object({ key: z.string(), instance: instance.nullable() });

const write = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('create'), row: row.nullable() }),
  z.object({ kind: z.literal('update'), ...change }),
  z.object({ kind: z.literal('status'), ...change }),
  z.object({ kind: z.literal('event'), ...change }),
]);

export const encodeWrite = (written: Write): string =>
  JSON.stringify(written, (_name, value) => (value === unreadable ? false : value));

/** Null: the text is of another release. */
export function decodeWrite(encoded: string): Write | null {
  let json: unknown;
  try {
    json = JSON.parse(encoded);
  } catch {
    return null;
  }
  return write.safeParse(json).data ?? null;
}
