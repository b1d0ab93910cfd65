import type { UserError as UserErrorModel } from '#src/acting/user-error.ts';
import { builder } from '#src/graphql/builder.ts';

const UserErrorCode = builder.enumType('UserErrorCode', {
  description: 'Why EnviaAI did not do what was asked. The caller can mend all of them.',
  values: {
    INVALID: { description: 'EnviaAI did not accept the arguments.' },
    NOT_FOUND: { description: 'The account has no instance with this id.' },
    INVALID_WEBHOOK_URL: { description: 'EnviaAI did not accept the webhook URL.' },
    OFFICIAL_API_INSTANCE: {
      description: 'The instance uses the official WhatsApp API, which needs no QR code.',
    },
    UNKNOWN: { description: 'EnviaAI gave a reason that this graph does not have.' },
  } satisfies Record<UserErrorModel['code'], { description: string }>,
});

export const UserError = builder.objectRef<UserErrorModel>('UserError');

UserError.implement({
  description: 'A reason that the caller can mend. Nothing was changed.',
  fields: (t) => ({
    code: t.expose('code', { type: UserErrorCode, description: 'For programs.' }),
    message: t.exposeString('message', { description: 'For people, in English.' }),
    field: t.stringList({
      nullable: true,
      description:
        'The path of the argument that is wrong, such as `["input", "webhookUrl"]`. Null if it is not known.',
      resolve: ({ field }) => field && [...field],
    }),
  }),
});
