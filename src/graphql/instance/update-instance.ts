import { Failure } from '#src/domain/failure.ts';
import type { InstanceChanges } from '#src/domain/instance-input.ts';
import { builder } from '#src/graphql/builder.ts';
import { writes } from '#src/graphql/upstream-cost.ts';
import { InstanceSettingsInput, refusalOfName, requireInstanceId, settingsOf } from './inputs.ts';
import { payloadType } from './payload.ts';

const UpdateInstanceInput = builder.inputType('UpdateInstanceInput', {
  description: 'Changes to an instance. A field that is left out stays as it is.',
  fields: (t) => ({
    name: t.string({ description: 'The name that the team gives it. Null is as if left out.' }),
    webhookUrl: t.string({
      description: 'The address that EnviaAI sends its events to. Null removes it.',
    }),
    webhookEvents: t.stringList({
      description:
        'The events that EnviaAI sends, such as `message.received`. Null is as if left out.',
    }),
    settings: t.field({
      type: InstanceSettingsInput,
      description: 'How it handles incoming messages. Null is as if left out.',
    }),
  }),
});

const UpdateInstancePayload = payloadType(
  'UpdateInstancePayload',
  'The outcome of `updateInstance`.',
);

/** Throws if there is nothing to change, before anything is sent. */
function changesOf(input: typeof UpdateInstanceInput.$inferInput): InstanceChanges {
  const { name, webhookUrl, webhookEvents } = input;
  const changes = {
    name: name ?? undefined,
    webhookUrl,
    webhookEvents: webhookEvents ?? undefined,
    settings: settingsOf(input.settings),
  };
  if (Object.values(changes).some((value) => value !== undefined)) return changes;
  throw new Failure('bad-input', '`input` changes nothing. Give at least one field.', {
    argument: 'input',
  });
}

builder.mutationField('updateInstance', (t) =>
  t.field({
    type: UpdateInstancePayload,
    nullable: true,
    description: 'Changes the name, the webhook or the settings of an instance.',
    args: {
      id: t.arg.id({ required: true, description: 'The id of the instance.' }),
      input: t.arg({ type: UpdateInstanceInput, required: true, description: 'The changes.' }),
    },
    extensions: { upstreamCost: writes },
    resolve: (_, { id, input }, { acts }) =>
      refusalOfName(input.name) ?? acts().update(requireInstanceId(id), changesOf(input)),
  }),
);
