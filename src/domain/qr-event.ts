import type { LineState } from './line-state.ts';

/** How linking ended: a phone scanned the code, no code followed the last one, or no such line. */
export type QrOutcome = 'linked' | 'expired' | 'gone';

/** What a screen that shows the QR code of a line gets. */
export interface QrEvent extends LineState {
  /** Null: linking goes on, or has not begun. */
  readonly outcome: QrOutcome | null;
}
