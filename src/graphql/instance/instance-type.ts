import type { Instance as InstanceModel } from '#src/domain/instance.ts';
import { builder } from '#src/graphql/builder.ts';
import { readable } from '#src/graphql/readable.ts';
import { InstanceSettings, type SettingsParent } from './settings.ts';
import { InstanceStatus } from './status.ts';

export const Instance = builder.objectRef<InstanceModel>('Instance');

Instance.implement({
  description: 'A WhatsApp line of the account: a number, its connection and its settings.',
  interfaces: [builder.nodeInterfaceRef()],
  // No field looks at anything but its instance, which is frozen: what was written of it can be used again.
  extensions: { immutable: true },
  fields: (t) => ({
    id: t.exposeID('id', {
      description: "EnviaAI's own id, such as `inst_abc123`; unique across the whole graph.",
    }),
    name: t.exposeString('name', { description: 'The name that the team gave it.' }),
    phone: t.exposeString('phone', {
      nullable: true,
      description:
        'International digits without "+", such as `5511999999999`; null until it has been connected once.',
    }),
    status: t.expose('status', {
      type: InstanceStatus,
      description: 'Its connection, as EnviaAI last reported it.',
    }),
    profileName: t.exposeString('profileName', {
      nullable: true,
      description: 'The name of its WhatsApp profile; null until it has been connected once.',
    }),
    profilePicUrl: t.field({
      type: 'URL',
      nullable: true,
      description: 'The picture of its WhatsApp profile; null when there is none.',
      resolve: ({ profilePicUrl }) => readable(profilePicUrl),
    }),
    createdAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was created; null when EnviaAI does not say.',
      resolve: ({ createdAt }) => readable(createdAt),
    }),
    lastSeenAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When WhatsApp last heard from it; null if it never did.',
      resolve: ({ lastSeenAt }) => readable(lastSeenAt),
    }),
    webhookUrl: t.field({
      type: 'URL',
      nullable: true,
      description: 'Where its events are posted; null when they are posted nowhere.',
      resolve: ({ webhookUrl }) => readable(webhookUrl),
    }),
    settings: t.field({
      type: InstanceSettings,
      nullable: true,
      description: 'Its settings; null when EnviaAI does not give them.',
      resolve: ({ settings, webhookUrl, webhookEvents }): SettingsParent | null =>
        settings && { ...settings, webhookUrl, webhookEvents },
    }),
  }),
});

builder.asEntity(Instance, {
  key: builder.selection<{ id: string }>('id'),
  resolveReference: ({ id }, { instanceById }) => instanceById.load(id),
});
