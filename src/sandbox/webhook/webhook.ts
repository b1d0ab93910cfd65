import { createHmac } from 'node:crypto';
import type { LineEvent } from '#src/sandbox/account/lines.ts';
import { postJson } from './post-json.ts';

export interface WebhookSettings {
  /** On a loopback address. */
  readonly url: string;
  readonly secret: string;
  /** Number of the next events that are lost. */
  readonly drop: number;
  /** How many more times each delivery is sent. */
  readonly repeat: number;
  /** Each event is sent after the one that follows it, or after a second. */
  readonly reorder: boolean;
  readonly delayMs: number;
  /** Waits before the retries of a delivery that got no 2xx. */
  readonly retriesMs: readonly number[];
}

/** At once, then 30 s, 2 min, 10 min, 1 h and 6 h [D]. */
export const documentedRetriesMs = [0, 30_000, 120_000, 600_000, 3_600_000, 21_600_000];

/** How long the receiver has for its 2xx [D]. */
const answerWithinMs = 5000;
const reorderMs = 1000;

export type SetTimer = (ms: number, ring: () => void) => () => void;

/** A try to deliver an event, which has ended. */
export interface LoggedDelivery {
  readonly event: LineEvent['event'];
  readonly id: string;
  /** 0: the first try. */
  readonly retry: number;
  /** Null: no response within the time. */
  readonly status: number | null;
}

const maxLogged = 1000;

interface Delivery extends Pick<LoggedDelivery, 'event' | 'id'> {
  readonly to: WebhookSettings;
  readonly body: string;
}

/** Delivers the events of one key, signed as documented [D]. */
export interface Webhook {
  /** Null: off. Also ends the deliveries that wait for a retry. */
  set(settings: WebhookSettings | null): void;
  isOn(): boolean;
  onEvent(event: LineEvent): void;
  /** The last tries, in the order in which they ended. */
  readonly deliveries: readonly LoggedDelivery[];
  stop(): void;
}

export function createWebhook(setTimer: SetTimer): Webhook {
  const deliveries: LoggedDelivery[] = [];
  let settings: WebhookSettings | null = null;
  let toDrop = 0;
  let stopper = new AbortController();
  let withheld: (() => void) | undefined;

  /** Like `setTimer`, until the webhook is stopped. Without a wait, `ring` is called at once. */
  const after = (ms: number, ring: () => void): (() => void) => {
    if (ms === 0) {
      ring();
      return () => {};
    }
    const { signal } = stopper;
    const cancel = setTimer(ms, () => {
      signal.removeEventListener('abort', cancel);
      ring();
    });
    signal.addEventListener('abort', cancel, { once: true });
    return () => {
      signal.removeEventListener('abort', cancel);
      cancel();
    };
  };

  const attempt = async (delivery: Delivery, retry: number): Promise<void> => {
    const { to, body, event, id } = delivery;
    const { signal } = stopper;
    const late = new AbortController();
    const cancel = after(answerWithinMs, () => late.abort());
    const signature = createHmac('sha256', to.secret).update(body).digest('hex');
    const status = await postJson(to.url, body, {
      headers: { 'x-enviaai-signature': `sha256=${signature}` },
      signal: AbortSignal.any([signal, late.signal]),
    });
    cancel();
    if (signal.aborted) return;
    deliveries.push({ event, id, retry, status });
    if (deliveries.length > maxLogged) deliveries.shift();
    const isDelivered = status !== null && status >= 200 && status < 300;
    const wait = to.retriesMs[retry];
    if (!isDelivered && wait !== undefined) {
      after(wait, () => void attempt(delivery, retry + 1));
    }
  };

  /** Resolves after the first try of each copy. */
  const send = (delivery: Delivery) =>
    new Promise<void>((resolve) => {
      after(delivery.to.delayMs, () => {
        const length = delivery.to.repeat + 1;
        const copies = Array.from({ length }, () => attempt(delivery, 0));
        void Promise.all(copies).then(() => resolve());
      });
    });

  const stop = () => {
    stopper.abort();
    stopper = new AbortController();
    withheld = undefined;
    settings = null;
  };

  return {
    deliveries,
    set(next) {
      stop();
      settings = next;
      toDrop = next?.drop ?? 0;
    },
    isOn: () => settings !== null,
    onEvent({ event, id, at }) {
      if (!settings) return;
      if (toDrop > 0) {
        toDrop -= 1;
        return;
      }
      const timestamp = new Date(at).toISOString();
      const body = JSON.stringify({ event, timestamp, data: { instanceId: id } });
      const delivery = { to: settings, body, event, id };
      const sendWithheld = withheld;
      withheld = undefined;
      if (settings.reorder && !sendWithheld) {
        const release = () => {
          if (withheld === release) withheld = undefined;
          cancel();
          void send(delivery);
        };
        const cancel = after(reorderMs, release);
        withheld = release;
        return;
      }
      void send(delivery).then(() => sendWithheld?.());
    },
    stop,
  };
}
