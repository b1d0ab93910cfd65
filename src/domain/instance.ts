/** A value that EnviaAI sent, but in a form that cannot be read. */
export const unreadable = Symbol('unreadable');
export type OrUnreadable<T> = T | typeof unreadable;

/** EnviaAI documents no limit. A row with a longer id cannot be read. */
export const maxIdLength = 128;

export type InstanceStatus = 'connected' | 'disconnected' | 'connecting' | 'qr_pending' | 'unknown';

export interface InstanceSettings {
  readonly autoRead: boolean;
  readonly autoTyping: boolean;
}

/** A WhatsApp connection, parsed from a row of EnviaAI. Dates are ISO 8601 in UTC with milliseconds. */
export interface Instance {
  readonly id: string;
  readonly name: string;
  /** International digits. */
  readonly phone: OrUnreadable<string | null>;
  readonly status: InstanceStatus;
  readonly profileName: string | null;
  readonly profilePicUrl: OrUnreadable<string | null>;
  readonly createdAt: OrUnreadable<string | null>;
  readonly lastSeenAt: OrUnreadable<string | null>;
  /** One value for the instance and its settings: EnviaAI's documentation has it in both places. */
  readonly webhookUrl: OrUnreadable<string | null>;
  /** Null: the row has no list of events. */
  readonly webhookEvents: readonly string[] | null;
  /** Null: missing, null, or not readable. */
  readonly settings: InstanceSettings | null;
}
