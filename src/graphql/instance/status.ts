import type { InstanceStatus as Status } from '#src/domain/instance.ts';
import { builder } from '#src/graphql/builder.ts';

export const InstanceStatus = builder.enumType('InstanceStatus', {
  description: 'Whether an instance can send and receive.',
  values: {
    CONNECTED: { value: 'connected', description: 'Linked to WhatsApp and ready.' },
    DISCONNECTED: {
      value: 'disconnected',
      description: 'Not linked; it sends and receives nothing.',
    },
    CONNECTING: { value: 'connecting', description: 'Being linked.' },
    QR_PENDING: {
      value: 'qr_pending',
      description: 'Waits for its QR code to be scanned. No list can be narrowed to it.',
    },
    UNKNOWN: {
      value: 'unknown',
      description:
        'A status newer than this graph: treat it as not ready. No list can be narrowed to it.',
    },
  } satisfies Record<Uppercase<Status>, { value: Status; description: string }>,
});
