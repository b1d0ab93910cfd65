import type { InstanceStatus, OrUnreadable } from './instance.ts';

/** Whether a line is linked, and the QR code that links it. */
export interface LineState {
  readonly status: InstanceStatus;
  /** A `data:image/png;base64,` URL; null: there is nothing to scan. Its reader can link a phone. */
  readonly image: OrUnreadable<string | null>;
  /** When the image expires, ISO 8601 in UTC with milliseconds. */
  readonly expiresAt: OrUnreadable<string | null>;
}
