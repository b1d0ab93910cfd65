import type { Instance, OrUnreadable } from './instance.ts';
import type { LineState } from './line-state.ts';

/** An instance as EnviaAI's status endpoint reports it. Dates are ISO 8601 in UTC. */
export interface InstanceDetails
  extends
    LineState,
    Pick<Instance, 'id' | 'phone' | 'profileName' | 'profilePicUrl' | 'lastSeenAt'> {
  /** Null: missing, or not readable. */
  readonly name: string | null;
  readonly connectedAt: OrUnreadable<string | null>;
  /** Null: missing, or not readable. */
  readonly stats: InstanceStats | null;
  readonly health: InstanceHealth | null;
}

/** Counts of the current day. Null: missing, or no whole number of at least 0. */
export interface InstanceStats {
  readonly messagesSent: number | null;
  readonly messagesReceived: number | null;
  readonly activeChats: number | null;
  readonly unreadMessages: number | null;
}

/** Null: missing, or out of range. */
export interface InstanceHealth {
  readonly uptimeSeconds: number | null;
  readonly latencyMs: number | null;
  /** 0 to 1. */
  readonly messageDeliveryRate: number | null;
}
