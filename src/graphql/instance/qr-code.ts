import type { LineState } from '#src/domain/line-state.ts';
import { builder } from '#src/graphql/builder.ts';
import { readable } from '#src/graphql/readable.ts';
import { InstanceStatus } from './status.ts';

export const QrCode = builder.objectRef<LineState>('QrCode');

QrCode.implement({
  description:
    'The QR code that links an instance. Anyone who scans it with WhatsApp links a phone, so show it to the owner of the phone only.',
  fields: (t) => ({
    image: t.string({
      nullable: true,
      description:
        'The picture, as a `data:image/png;base64,` URL. Null if there is nothing to scan: the instance is linked, or has no code yet.',
      resolve: ({ image }) => readable(image),
    }),
    expiresAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When the picture expires. Hide it then, and subscribe to `instanceQrCode` for the next one.',
      resolve: ({ expiresAt }) => readable(expiresAt),
    }),
    status: t.expose('status', {
      type: InstanceStatus,
      description:
        'The status as the QR code has it: QR_PENDING, while `instance.status` may be CONNECTING.',
    }),
  }),
});
