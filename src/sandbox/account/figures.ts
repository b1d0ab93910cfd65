import { createHash } from 'node:crypto';
import type { VendorRow } from './vendor-row.ts';

export interface Figures {
  readonly stats: {
    readonly messagesSent: number;
    readonly messagesReceived: number;
    readonly activeChats: number;
    readonly unreadMessages: number;
  };
  readonly health: {
    /** Seconds. */
    readonly uptime: number;
    /** Milliseconds. */
    readonly latency: number;
    /** From 0 to 1. */
    readonly messageDeliveryRate: number;
  };
}

/**
 * The figures of the status endpoint: the same for an instance all day (UTC), zero while it is not
 * connected, except the uptime, which is the time since it connected.
 */
export function figuresOf(row: VendorRow, connectedAt: string | null, now: number): Figures {
  const today = new Date(now).toISOString().slice(0, 10);
  const bytes = createHash('sha256')
    .update(`${String(row.id)} ${today}`)
    .digest();
  const upTo = (max: number, at: number) =>
    connectedAt === null ? 0 : bytes.readUInt32BE(at) % (max + 1);
  const since = connectedAt === null ? now : Date.parse(connectedAt);
  return {
    stats: {
      messagesSent: upTo(2000, 0),
      messagesReceived: upTo(3000, 4),
      activeChats: upTo(120, 8),
      unreadMessages: upTo(40, 12),
    },
    health: {
      uptime: Math.max(0, Math.floor((now - since) / 1000)) || 0,
      latency: connectedAt === null ? 0 : 20 + upTo(180, 16),
      messageDeliveryRate: connectedAt === null ? 0 : 0.95 + upTo(50, 20) / 1000,
    },
  };
}
