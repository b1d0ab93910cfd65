import { z } from 'zod';
import { maxIdLength } from '#src/domain/instance.ts';

/** An event of an instance [D]. Those of messages change nothing that is read here. */
const instanceEvent = z.object({
  event: z.enum(['instance.connected', 'instance.disconnected', 'instance.qr_updated']),
  data: z.object({ instanceId: z.string().min(1).max(maxIdLength) }),
});

/**
 * The id of the instance that an event reports a change of. Null: it is another event, or cannot be
 * read. What the event says beyond that is not used: deliveries repeat and come out of order.
 */
export function changedInstanceOf(body: Buffer): string | null {
  let json: unknown;
  try {
    json = JSON.parse(body.toString());
  } catch {
    return null;
  }
  return instanceEvent.safeParse(json).data?.data.instanceId ?? null;
}
