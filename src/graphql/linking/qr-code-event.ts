import type { QrEvent, QrOutcome as Outcome } from '#src/domain/qr-event.ts';
import { builder } from '#src/graphql/builder.ts';
import { InstanceStatus } from '#src/graphql/instance/status.ts';
import { readable } from '#src/graphql/readable.ts';

const QrOutcome = builder.enumType('QrOutcome', {
  description: 'How the attempt to link an instance ended.',
  values: {
    LINKED: { value: 'linked', description: 'A phone is linked: the instance is connected.' },
    EXPIRED: {
      value: 'expired',
      description:
        'No phone scanned a code in time, or the attempt was cancelled. To try again, call `connectInstance`.',
    },
    GONE: { value: 'gone', description: 'The account has no instance with this id.' },
  } satisfies Record<Uppercase<Outcome>, { value: Outcome; description: string }>,
});

export const QrCodeEvent = builder.objectRef<QrEvent>('QrCodeEvent').implement({
  description: 'What a screen shows while an instance is being linked. It replaces the last one.',
  fields: (t) => ({
    status: t.expose('status', {
      type: InstanceStatus,
      description:
        'The status of the instance: QR_PENDING or CONNECTING while it is being linked. UNKNOWN with the outcome GONE.',
    }),
    image: t.string({
      nullable: true,
      description:
        'The QR code to scan, as a data URL of a PNG: the `src` of an `<img>`. Null: there is nothing to scan now. Anyone who sees it can link a phone, so do not store it.',
      resolve: ({ image }) => readable(image),
    }),
    expiresAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When the image expires. Hide it then; the next one follows within a second or so. Null without an image, or if EnviaAI does not say.',
      resolve: ({ expiresAt }) => readable(expiresAt),
    }),
    outcome: t.expose('outcome', {
      type: QrOutcome,
      nullable: true,
      description: 'How linking ended; this event is then the last one. Null: it goes on.',
    }),
  }),
});
