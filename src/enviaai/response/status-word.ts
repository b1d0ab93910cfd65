import type { InstanceStatus } from '#src/domain/instance.ts';

const statuses: ReadonlyMap<unknown, InstanceStatus> = new Map<unknown, InstanceStatus>([
  ['connected', 'connected'],
  ['disconnected', 'disconnected'],
  ['connecting', 'connecting'],
  ['qr_pending', 'qr_pending'],
]);

/** Longer than any status. */
const maxLength = 32;

/**
 * A documented status, in upper or lower case, its words joined by `_`, a hyphen or a space.
 * Undefined: the value is none.
 */
export const statusOf = (value: unknown): InstanceStatus | undefined =>
  statuses.get(value) ?? statuses.get(documentedForm(value));

function documentedForm(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > maxLength) return undefined;
  return value.trim().toLowerCase().replaceAll(/[-\s]/g, '_');
}
