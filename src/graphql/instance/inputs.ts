import type { ActOutcome } from '#src/acting/acts.ts';
import { emptyName } from '#src/acting/user-error.ts';
import type { SettingsInput } from '#src/domain/instance-input.ts';
import { Failure } from '#src/domain/failure.ts';
import { canBeId, hasGet } from '#src/reading/by-id/id-form.ts';
import { builder } from '#src/graphql/builder.ts';

export const InstanceSettingsInput = builder.inputType('InstanceSettingsInput', {
  description: 'Settings to change. A setting that is left out, or null, stays as it is.',
  fields: (t) => ({
    autoRead: t.boolean({ description: 'Whether incoming messages are marked as read.' }),
    autoTyping: t.boolean({
      description: 'Whether the chat shows "typing…" while a reply is being sent.',
    }),
  }),
});

interface GivenSettings {
  readonly autoRead?: boolean | null | undefined;
  readonly autoTyping?: boolean | null | undefined;
}

/** The outcome for an empty name: nothing is sent. Null: the name can be sent. */
export const refusalOfName = (name: string | null | undefined): ActOutcome | null =>
  typeof name === 'string' && name.trim() === ''
    ? { id: null, fields: null, userErrors: [emptyName] }
    : null;

/** Undefined: no setting is given. */
export function settingsOf(given: GivenSettings | null | undefined): SettingsInput | undefined {
  const autoRead = given?.autoRead ?? undefined;
  const autoTyping = given?.autoTyping ?? undefined;
  if (autoRead === undefined && autoTyping === undefined) return undefined;
  return {
    ...(autoRead !== undefined && { autoRead }),
    ...(autoTyping !== undefined && { autoTyping }),
  };
}

/** Throws for an id that cannot be in the path of a request, before anything is sent. */
export function requireInstanceId(id: string): string {
  if (canBeId(id) && hasGet(id)) return id;
  const message = '`id` must have 1 to 128 letters, digits, `_` or `-`.';
  throw new Failure('bad-input', message, { argument: 'id' });
}
