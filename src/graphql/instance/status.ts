import type { InstanceStatus as Status } from '#src/domain/instance.ts';
import { builder } from '#src/graphql/builder.ts';

export const InstanceStatus = builder.enumType('InstanceStatus', {
  description: 'The status of the connection between an instance and WhatsApp.',
  values: {
    CONNECTED: {
      value: 'connected',
      description: 'The instance is linked to WhatsApp. It can send and receive messages.',
    },
    DISCONNECTED: {
      value: 'disconnected',
      description: 'The instance is not linked. It cannot send or receive messages.',
    },
    CONNECTING: { value: 'connecting', description: 'The instance is being linked.' },
    QR_PENDING: {
      value: 'qr_pending',
      description: 'The instance waits until its QR code is scanned. Lists have no filter for it.',
    },
    UNKNOWN: {
      value: 'unknown',
      description:
        'EnviaAI reports a status that this graph does not have. Treat the instance as not connected. Lists have no filter for it.',
    },
  } satisfies Record<Uppercase<Status>, { value: Status; description: string }>,
});
