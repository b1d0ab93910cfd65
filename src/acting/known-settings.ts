import type { InstanceSettings } from '#src/domain/instance.ts';
import type { InstanceChanges } from '#src/domain/instance-input.ts';

/**
 * Changes with both settings, if one is given and the other is known. EnviaAI does not document
 * whether a PATCH leaves a setting as it is that is not sent [D].
 */
export function withBothSettings(
  changes: InstanceChanges,
  known: InstanceSettings | null,
): InstanceChanges {
  const { settings } = changes;
  if (!settings || !known) return changes;
  const { autoRead = known.autoRead, autoTyping = known.autoTyping } = settings;
  return { ...changes, settings: { autoRead, autoTyping } };
}
