import type { SettingsInput } from '#src/domain/instance-input.ts';
import { Failure } from '#src/domain/failure.ts';
import { isId } from '#src/loaders/instance-by-id.ts';
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

/** Throws for a text that no instance can have as its id, before anything is sent. */
export function requireInstanceId(id: string): string {
  if (isId(id)) return id;
  throw new Failure('bad-input', '`id` cannot be the id of an instance.', { argument: 'id' });
}
