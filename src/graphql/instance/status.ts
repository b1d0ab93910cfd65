import type { InstanceStatus as Status } from '#src/domain/instance.ts';
import type { StatusFilter } from '#src/domain/row.ts';
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
      description: 'The instance waits until its QR code is scanned.',
    },
    UNKNOWN: {
      value: 'unknown',
      description:
        'EnviaAI reports a status that this graph does not have. Treat the instance as not connected.',
    },
  } satisfies Record<Uppercase<Status>, { value: Status; description: string }>,
});

type Filter = Exclude<StatusFilter, 'all'>;

export const InstanceStatusFilter = builder.enumType('InstanceStatusFilter', {
  description:
    'The statuses that EnviaAI can filter a list by. For the others, read the whole list and compare `Instance.status`.',
  values: {
    CONNECTED: { value: 'connected', description: 'Only instances that are CONNECTED.' },
    DISCONNECTED: { value: 'disconnected', description: 'Only instances that are DISCONNECTED.' },
    CONNECTING: {
      value: 'connecting',
      description:
        'Only instances that EnviaAI counts as connecting. It may count QR_PENDING among them.',
    },
  } satisfies Record<Uppercase<Filter>, { value: Filter; description: string }>,
});
