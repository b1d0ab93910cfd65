import { Failure } from '#src/domain/failure.ts';
import type { Instance as InstanceModel } from '#src/domain/instance.ts';
import type {
  InstanceDetails as InstanceDetailsModel,
  InstanceHealth as InstanceHealthModel,
  InstanceStats as InstanceStatsModel,
} from '#src/domain/instance-details.ts';
import { builder } from '#src/graphql/builder.ts';
import { readable } from '#src/graphql/readable.ts';
import { makesCalls } from '#src/graphql/upstream-cost.ts';
import { canBeId, hasGet } from '#src/reading/by-id/id-form.ts';
import { requireInstanceId } from './inputs.ts';
import { Instance } from './instance-type.ts';
import { selectedFields } from '#src/graphql/selected-fields.ts';

const InstanceStats = builder.objectRef<InstanceStatsModel>('InstanceStats');

InstanceStats.implement({
  description: 'Counts of today. A count is null if EnviaAI does not report it.',
  fields: (t) => ({
    messagesSent: t.exposeInt('messagesSent', {
      nullable: true,
      description: 'Messages that the instance sent today.',
    }),
    messagesReceived: t.exposeInt('messagesReceived', {
      nullable: true,
      description: 'Messages that the instance received today.',
    }),
    activeChats: t.exposeInt('activeChats', {
      nullable: true,
      description: 'Chats with messages today.',
    }),
    unreadMessages: t.exposeInt('unreadMessages', {
      nullable: true,
      description: 'Messages that were not read yet.',
    }),
  }),
});

const InstanceHealth = builder.objectRef<InstanceHealthModel>('InstanceHealth');

InstanceHealth.implement({
  description: 'How well the connection works. A value is null if EnviaAI does not report it.',
  fields: (t) => ({
    uptimeSeconds: t.exposeInt('uptimeSeconds', {
      nullable: true,
      description: 'How long it has been connected, in seconds.',
    }),
    latencyMs: t.exposeInt('latencyMs', {
      nullable: true,
      description: 'How long WhatsApp takes to answer, in milliseconds.',
    }),
    messageDeliveryRate: t.exposeFloat('messageDeliveryRate', {
      nullable: true,
      description: 'The share of messages that were delivered: 0 to 1.',
    }),
  }),
});

const InstanceDetails = builder.objectRef<InstanceDetailsModel>('InstanceDetails');

InstanceDetails.implement({
  description: 'What EnviaAI knows of one instance beyond the list. Each read is a request.',
  fields: (t) => ({
    instance: t.field({
      type: Instance,
      description: 'The instance itself, with the status as of this request.',
      resolve: async (details, _, { instanceById }, info): Promise<InstanceModel> => {
        const reported = reportedOf(details);
        if (reported && selectedFields(info).isSubsetOf(reportedFields)) return reported;
        const instance = await instanceById.load(details.id);
        if (!instance) throw new Failure('malformed', 'A list lacks the instance');
        if (!reported) return { ...instance, status: details.status };
        const { createdAt, webhookUrl, webhookEvents, settings } = instance;
        return { ...reported, createdAt, webhookUrl, webhookEvents, settings };
      },
    }),
    connectedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Since when it has been linked. Null if it is not, or if EnviaAI does not say.',
      resolve: ({ connectedAt }) => readable(connectedAt),
    }),
    stats: t.expose('stats', {
      type: InstanceStats,
      nullable: true,
      description: 'Counts of today. Null if EnviaAI does not report them.',
    }),
    health: t.expose('health', {
      type: InstanceHealth,
      nullable: true,
      description: 'How well the connection works. Null if EnviaAI does not report it.',
    }),
  }),
});

/** Fields of an instance that the status endpoint reports. */
const reportedFields: ReadonlySet<string> = new Set([
  '__typename',
  'id',
  'name',
  'phone',
  'status',
  'profileName',
  'profilePicUrl',
  'lastSeenAt',
]);

const nothing = { createdAt: null, webhookUrl: null, webhookEvents: null, settings: null };

/** Null: the report lacks the name. */
function reportedOf(details: InstanceDetailsModel): InstanceModel | null {
  const { id, name, phone, status, profileName, profilePicUrl, lastSeenAt } = details;
  if (name === null) return null;
  return { id, name, phone, status, profileName, profilePicUrl, lastSeenAt, ...nothing };
}

builder.queryField('instanceDetails', (t) =>
  t.field({
    type: InstanceDetails,
    nullable: true,
    description:
      'The connection, counts and health of one instance. Null if the account has no instance with this id. Every use is a request to EnviaAI, of the 50 a minute: for lists, use `instances`.',
    args: { id: t.arg.id({ required: true, description: 'The id of the instance.' }) },
    extensions: {
      upstreamCost: makesCalls(({ id }) => ({
        calls: canBeId(String(id)) && hasGet(String(id)) ? 2 : 0,
      })),
    },
    // A list can show an id for which no request is sent: that is an error, and not null.
    resolve: (_, { id }, { instanceDetails }) =>
      canBeId(id) ? instanceDetails(requireInstanceId(id)) : null,
  }),
);
