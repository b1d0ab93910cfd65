import { builder } from '#src/graphql/builder.ts';
import { writes } from '#src/graphql/upstream-cost.ts';
import { requireInstanceId } from './inputs.ts';
import { payloadType } from './payload.ts';

const DisconnectInstancePayload = payloadType(
  'DisconnectInstancePayload',
  'The outcome of `disconnectInstance`.',
);

builder.mutationField('disconnectInstance', (t) =>
  t.field({
    type: DisconnectInstancePayload,
    nullable: true,
    description:
      'Unlinks an instance from its phone: it sends and receives no messages until it is linked again. An instance that is not linked is a success.',
    args: {
      id: t.arg.id({ required: true, description: 'The id of the instance.' }),
      reason: t.arg.string({ description: 'Why, for the records of EnviaAI.' }),
    },
    extensions: { upstreamCost: writes },
    resolve: (_, { id, reason }, { acts }) =>
      acts().disconnect(requireInstanceId(id), reason ?? undefined),
  }),
);
