import { Failure } from '#src/domain/failure.ts';
import { builder } from '#src/graphql/builder.ts';
import { writes } from '#src/graphql/upstream-cost.ts';
import { InstanceSettingsInput, refusalOfName, settingsOf } from './inputs.ts';
import { payloadType } from './payload.ts';

const CreateInstanceInput = builder.inputType('CreateInstanceInput', {
  description: 'A new instance.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'The name that the team gives it.' }),
    webhookUrl: t.string({ description: 'The address that EnviaAI sends its events to.' }),
    webhookEvents: t.stringList({
      description: 'The events that EnviaAI sends, such as `message.received`.',
    }),
    settings: t.field({
      type: InstanceSettingsInput,
      description:
        'How it handles incoming messages. By default, `autoRead` is false and `autoTyping` is true.',
    }),
    idempotencyKey: t.string({
      description:
        'A text that you choose for this one instance, such as a UUID: sent again within 24 hours, it creates no second instance and returns the first. 1 to 255 characters.',
    }),
  }),
});

const CreateInstancePayload = payloadType(
  'CreateInstancePayload',
  'The outcome of `createInstance`.',
);

const maxKeyLength = 255;

/** Null: there is none. */
function idempotencyKeyOf(key: string | null | undefined): string | null {
  if (key === null || key === undefined) return null;
  if (key !== '' && key.length <= maxKeyLength) return key;
  throw new Failure('bad-input', '`idempotencyKey` must have 1 to 255 characters.', {
    argument: 'input.idempotencyKey',
  });
}

builder.mutationField('createInstance', (t) =>
  t.field({
    type: CreateInstancePayload,
    nullable: true,
    description:
      'Creates an instance, which is DISCONNECTED until `connectInstance` links it. `instance(id)` finds it at once; lists show it when EnviaAI does.',
    args: {
      input: t.arg({
        type: CreateInstanceInput,
        required: true,
        description: 'The new instance.',
      }),
    },
    extensions: { upstreamCost: writes },
    resolve: (_, { input }, { acts }) => {
      const { name, webhookUrl, webhookEvents, settings, idempotencyKey } = input;
      const refusal = refusalOfName(name);
      if (refusal) return refusal;
      return acts().create(
        {
          name,
          webhookUrl: webhookUrl ?? undefined,
          webhookEvents: webhookEvents ?? undefined,
          settings: settingsOf(settings),
        },
        idempotencyKeyOf(idempotencyKey),
      );
    },
  }),
);
