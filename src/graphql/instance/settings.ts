import type { Instance } from '#src/domain/instance.ts';
import { builder } from '#src/graphql/builder.ts';
import { readable } from '#src/graphql/readable.ts';

/** The settings of an instance that has readable ones, with the webhook that EnviaAI lists among them. */
export type SettingsParent = Pick<Instance, 'webhookUrl' | 'webhookEvents'> &
  NonNullable<Instance['settings']>;

export const InstanceSettings = builder.objectRef<SettingsParent>('InstanceSettings');

InstanceSettings.implement({
  description: 'How an instance treats incoming messages, and where it reports events.',
  fields: (t) => ({
    autoRead: t.exposeBoolean('autoRead', {
      description: 'Whether incoming messages are marked as read by themselves.',
    }),
    autoTyping: t.exposeBoolean('autoTyping', {
      description: 'Whether "typing…" is shown while a reply is being sent.',
    }),
    webhookUrl: t.field({
      type: 'URL',
      nullable: true,
      description:
        'Where its events are posted; null when they are posted nowhere. Equal to `Instance.webhookUrl`.',
      resolve: ({ webhookUrl }) => readable(webhookUrl),
    }),
    webhookEvents: t.field({
      type: ['String'],
      nullable: true,
      description:
        'The events that are posted, such as `message.received`; null when EnviaAI does not say.',
      resolve: ({ webhookEvents }) => webhookEvents,
    }),
  }),
});
