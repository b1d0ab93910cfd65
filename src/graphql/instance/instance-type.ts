import type { Instance as InstanceModel } from '#src/domain/instance.ts';
import { builder } from '#src/graphql/builder.ts';
import { Noun } from '#src/graphql/node/nouns.ts';
import { readable } from '#src/graphql/readable.ts';
import { InstanceSettings, type SettingsParent } from './settings.ts';
import { InstanceStatus } from './status.ts';

export const Instance = builder.objectRef<InstanceModel>('Instance');

const noun = new Noun<InstanceModel>({
  // Not `inst_`: EnviaAI shows that prefix in its examples only [S].
  idPrefix: '',
  load: (id, { instanceById }) => instanceById.load(id),
  readsOf: (ids) => [{ kind: 'ids', ids }],
});

Instance.implement({
  description: 'A WhatsApp connection of the account: its number, status and settings.',
  interfaces: [builder.nodeInterfaceRef()],
  extensions: { noun },
  fields: (t) => ({
    id: t.exposeID('id', {
      description: 'The id that EnviaAI gave it, such as `inst_abc123`. It is unique in the graph.',
    }),
    name: t.exposeString('name', { description: 'The name that the team gave the instance.' }),
    phone: t.string({
      nullable: true,
      description:
        'The phone number in international digits without "+", such as `5511999999999`. Null until the instance was connected once. Null with an error if EnviaAI sent another text.',
      resolve: ({ phone }) => readable(phone),
    }),
    status: t.expose('status', {
      type: InstanceStatus,
      description: 'The status of the connection, as EnviaAI last reported it.',
    }),
    profileName: t.exposeString('profileName', {
      nullable: true,
      description: 'The name of the WhatsApp profile. Null until the instance was connected once.',
    }),
    profilePicUrl: t.field({
      type: 'URL',
      nullable: true,
      description: 'The picture of the WhatsApp profile. Null if it has none.',
      resolve: ({ profilePicUrl }) => readable(profilePicUrl),
    }),
    createdAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the instance was created. Null if EnviaAI does not report it.',
      resolve: ({ createdAt }) => readable(createdAt),
    }),
    lastSeenAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When the instance last had contact with WhatsApp. Null if it never had contact.',
      resolve: ({ lastSeenAt }) => readable(lastSeenAt),
    }),
    webhookUrl: t.field({
      type: 'URL',
      nullable: true,
      description:
        'The address that EnviaAI sends events of the instance to. Null if there is none.',
      resolve: ({ webhookUrl }) => readable(webhookUrl),
    }),
    settings: t.field({
      type: InstanceSettings,
      nullable: true,
      description: 'The settings of the instance. Null if EnviaAI does not report them.',
      resolve: ({ settings, webhookUrl, webhookEvents }): SettingsParent | null =>
        settings && { ...settings, webhookUrl, webhookEvents },
    }),
  }),
});

builder.asEntity(Instance, {
  key: builder.selection<{ id: string }>('id'),
  // Required by the plugin; `node/entities.ts` loads entities through the noun.
  resolveReference: ({ id }, context) => noun.load(id, context),
});
