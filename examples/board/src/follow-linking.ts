import type { Client } from 'urql';
import { type Failure, failureOf, failureOfError } from './failure.ts';
import { ConnectDocument, QrCodeDocument, type QrCodeSubscription } from './graphql/graphql.ts';
import { backoffOf, waitAfter } from './reopening.ts';

/** What the dialog shows while a phone is being linked. */
export type Linking =
  /** There is no code yet, or a new one is on its way. */
  | { readonly step: 'waiting' }
  | {
      readonly step: 'code';
      readonly image: string;
      /** In milliseconds since the epoch; null: unknown. */
      readonly expiresAt: number | null;
    }
  | { readonly step: 'linked' | 'expired' | 'gone' }
  | { readonly step: 'failed'; readonly failure: Failure };

type QrCode = NonNullable<QrCodeSubscription['instanceQrCode']>;

/**
 * Begins to link an instance, or joins the attempt that runs, and shows each code and the outcome.
 * A stream that is lost is opened again. Returns the function that stops it.
 */
export function followLinking(
  client: Client,
  id: string,
  show: (linking: Linking) => void,
): () => void {
  let isStopped = false;
  let endStream = () => {};
  let timer: ReturnType<typeof setTimeout> | undefined;

  const stop = () => {
    isStopped = true;
    clearTimeout(timer);
    endStream();
  };
  const end = (linking: Linking) => {
    stop();
    show(linking);
  };

  const begin = async () => {
    const { data, error } = await client.mutation(ConnectDocument, { id }).toPromise();
    if (isStopped) return;
    const payload = data?.connectInstance;
    const failure = failureOf({ error, payload });
    if (failure) return end({ step: 'failed', failure });
    if (payload?.qrCode?.status === 'CONNECTED') return end({ step: 'linked' });
    if (payload?.qrCode) show(codeOf(payload.qrCode));
    return openStream(0, false);
  };

  function openStream(failures: number, isResumed: boolean): void {
    let isFirst = true;
    const again = (waitMs: number) => {
      endStream();
      timer = setTimeout(() => openStream(isFirst ? failures + 1 : 0, true), waitMs);
    };
    const stream = client
      .subscription(QrCodeDocument, { id })
      .subscribe(({ data, error, hasNext }) => {
        if (isStopped) return undefined;
        const event = data?.instanceQrCode;
        const waitMs = waitAfter(error, failures);
        if (waitMs !== null) return again(waitMs);
        if (error) return end({ step: 'failed', failure: failureOfError(error) });
        if (event?.outcome) return end({ step: stepOf(event.outcome) });
        if (!event || !hasNext) return again(backoffOf(failures));
        // A new stream waits for the next attempt, if this one ended while there was no stream.
        const isOver = isResumed && isFirst && event.status === 'DISCONNECTED' && !event.image;
        isFirst = false;
        if (isOver) return end({ step: 'expired' });
        return show(codeOf(event));
      });
    // Not while urql passes on a result: it would leave a rejection of the aborted body unhandled.
    endStream = () => void setTimeout(() => stream.unsubscribe());
  }

  void begin();
  return stop;
}

const stepOf = (outcome: NonNullable<QrCode['outcome']>) =>
  ({ LINKED: 'linked', EXPIRED: 'expired', GONE: 'gone' } as const)[outcome];

const codeOf = ({ image, expiresAt }: Pick<QrCode, 'image' | 'expiresAt'>): Linking =>
  image
    ? { step: 'code', image, expiresAt: expiresAt === null ? null : Date.parse(expiresAt) }
    : { step: 'waiting' };
