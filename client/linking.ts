import { EnviaaiError } from './error.ts';
import { streamUnsupported } from './event-stream.ts';
import {
  type ConnectInstanceMutation,
  type ConnectInstanceMutationVariables,
  type InstanceQrCodeSubscription,
  type InstanceQrCodeSubscriptionVariables,
  type QrOutcome as GraphOutcome,
  connectInstanceText,
  instanceQrCodeText,
} from './generated.ts';
import type { SendQuery } from './instances.ts';
import { type InstanceStatus, statusOf } from './status.ts';
import { type SubscribeParts, subscribe } from './subscribe.ts';
import { type WriteOptions, accepted } from './writes.ts';

/** How linking ended; `unknown`: an outcome that this client does not know. */
export type LinkOutcome = Lowercase<GraphOutcome> | 'unknown';

/** What a screen that links an instance shows. It replaces the previous event. */
export interface LinkEvent {
  readonly status: InstanceStatus;
  /** The QR code, as a data URL of a PNG; null: there is nothing to scan now. Do not store it. */
  readonly image: string | null;
  /** When to hide the image, as ISO 8601. */
  readonly expiresAt: string | null;
  /** Not null on the last event. */
  readonly outcome: LinkOutcome | null;
}

export interface LinkingParts extends SubscribeParts {
  /** Sends a mutation. */
  readonly sendWrite: SendQuery;
  readonly hasStreams: () => boolean;
}

const outcomes = new Map<string, LinkOutcome>([
  ['LINKED', 'linked'],
  ['EXPIRED', 'expired'],
  ['GONE', 'gone'],
]);

/** Begins to link an instance, or joins the attempt that runs, and follows it to its outcome. */
export async function* connect(
  parts: LinkingParts,
  id: string,
  { signal }: WriteOptions,
): AsyncGenerator<LinkEvent, void, undefined> {
  // Before an attempt is begun that could not be followed.
  if (!parts.hasStreams()) throw streamUnsupported();
  const begin: ConnectInstanceMutationVariables = { id };
  const { data } = await parts.sendWrite<ConnectInstanceMutation>(connectInstanceText, begin, {
    signal,
  });
  const { qrCode } = accepted(data?.connectInstance);
  let shown: LinkEvent | null = qrCode && eventOf({ ...qrCode, outcome: null });
  if (shown?.status === 'connected') shown = { ...shown, outcome: 'linked' };
  if (shown) yield shown;
  if (shown?.outcome) return;

  const variables: InstanceQrCodeSubscriptionVariables = { id };
  const subscription = { query: instanceQrCodeText, variables, signal };
  for await (const { data, isResumed } of subscribe<InstanceQrCodeSubscription>(
    parts,
    subscription,
  )) {
    if (!data.instanceQrCode) continue;
    const event = endedMeanwhile(eventOf(data.instanceQrCode), isResumed);
    if (shown && isEqual(shown, event)) continue;
    shown = event;
    yield event;
    if (event.outcome) return;
  }
  throw new EnviaaiError('The stream ended without an outcome.', { code: 'INVALID_RESPONSE' });
}

const eventOf = ({
  status,
  image,
  expiresAt,
  outcome,
}: NonNullable<InstanceQrCodeSubscription['instanceQrCode']>): LinkEvent => ({
  status: statusOf(status),
  image,
  expiresAt,
  outcome: outcome && (outcomes.get(outcome) ?? 'unknown'),
});

/** A new stream waits for the next attempt, if the attempt ended while there was no stream. */
const endedMeanwhile = (event: LinkEvent, isResumed: boolean): LinkEvent =>
  isResumed && event.status === 'disconnected' && event.image === null
    ? { ...event, outcome: event.outcome ?? 'expired' }
    : event;

const isEqual = (a: LinkEvent, b: LinkEvent): boolean =>
  a.status === b.status &&
  a.image === b.image &&
  a.expiresAt === b.expiresAt &&
  a.outcome === b.outcome;
