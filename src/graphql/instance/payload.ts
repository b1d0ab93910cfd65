import type { GraphQLResolveInfo } from 'graphql';
import type { ActOutcome } from '#src/acting/acts.ts';
import type { Instance as InstanceModel } from '#src/domain/instance.ts';
import type { InstanceFields } from '#src/domain/instance-fields.ts';
import { builder } from '#src/graphql/builder.ts';
import type { Context } from '#src/graphql/context.ts';
import { selectedFields, selectedNodes } from '#src/graphql/selected-fields.ts';
import { Instance } from './instance-type.ts';
import { UserError } from './user-error-type.ts';

/** The type of a mutation's payload, with the fields that all payloads have. */
export function payloadType<Outcome extends ActOutcome>(name: string, description: string) {
  const payload = builder.objectRef<Outcome>(name);
  payload.implement({
    description,
    fields: (t) => ({
      instance: t.field({
        type: Instance,
        nullable: true,
        description:
          'The instance after the change. Null if nothing was changed, or if it could not be read; then an error has this path, and the change is done all the same.',
        resolve: (outcome, _, context, info) => instanceAfter(outcome, context, info),
      }),
      userErrors: t.field({
        type: [UserError],
        description: 'Why nothing was changed. Empty if the change is done.',
        resolve: ({ userErrors }) => userErrors,
      }),
    }),
  });
  return payload;
}

/** The instance as EnviaAI's response has it, if that is all that is selected; else it is read. */
function instanceAfter(
  { id, fields }: ActOutcome,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<InstanceModel | null> | InstanceModel | null {
  if (id === null) return null;
  return fields !== null && hasAll(fields, info)
    ? { ...blank, ...fields, id }
    : context.instanceAfterWrite(id);
}

/** Values for fields that are not selected. */
const blank: Omit<InstanceModel, 'id'> = {
  name: '',
  phone: null,
  status: 'unknown',
  profileName: null,
  profilePicUrl: null,
  createdAt: null,
  lastSeenAt: null,
  webhookUrl: null,
  webhookEvents: null,
  settings: null,
};

/** Whether a response has all that is selected. */
function hasAll(fields: InstanceFields, info: GraphQLResolveInfo): boolean {
  const selected = selectedNodes(info);
  const { fragments } = info;
  const ofSettings = selectedFields({ fieldNodes: selected.get('settings') ?? [], fragments });
  const needed = new Set(
    [...selected.keys(), ...ofSettings].filter((name) => !inSettings.has(name)),
  );
  return needed.isSubsetOf(new Set(['__typename', 'id', ...Object.keys(fields)]));
}

/** Fields that settings have by themselves; their webhook is that of the instance. */
const inSettings: ReadonlySet<string> = new Set(['autoRead', 'autoTyping']);
