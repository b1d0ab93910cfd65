import type { Instance } from '#src/domain/instance.ts';
import { builder } from '#src/graphql/builder.ts';
import { readable } from '#src/graphql/readable.ts';

/**
 * The readable settings of an instance, with its webhook: EnviaAI lists it among the settings [S].
 */
export type SettingsParent = Pick<Instance, 'webhookUrl' | 'webhookEvents'> &
  NonNullable<Instance['settings']>;

export const InstanceSettings = builder.objectRef<SettingsParent>('InstanceSettings');

InstanceSettings.implement({
  description: 'How an instance handles incoming messages, and where EnviaAI sends its events.',
  fields: (t) => ({
    autoRead: t.exposeBoolean('autoRead', {
      description: 'Whether incoming messages are marked as read automatically.',
    }),
    autoTyping: t.exposeBoolean('autoTyping', {
      description: 'Whether the chat shows "typing…" while a reply is being sent.',
    }),
    webhookUrl: t.field({
      type: 'URL',
      nullable: true,
      description:
        'The address that EnviaAI sends events to, the same as `Instance.webhookUrl`. Null if there is none.',
      resolve: ({ webhookUrl }) => readable(webhookUrl),
    }),
    webhookEvents: t.field({
      type: ['String'],
      nullable: true,
      description:
        'The events that EnviaAI sends, such as `message.received`. Null if EnviaAI does not report them.',
      resolve: ({ webhookEvents }) => webhookEvents,
    }),
  }),
});
