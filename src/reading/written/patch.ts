import type { InstanceStatus, Instance } from '#src/domain/instance.ts';
import type { Row } from '#src/domain/row.ts';
import type { InstanceFields } from '#src/domain/instance-fields.ts';

/** The row with the fields that a write gave it; the row itself if it has them already. */
export function withFields(row: Row, fields: InstanceFields): Row {
  const { instance } = row;
  if (instance === null || agrees(instance, fields)) return row;
  return { ...row, instance: { ...instance, ...fields } };
}

/** Whether an instance shows what a write gave it. */
export function agrees(instance: Instance, fields: InstanceFields): boolean {
  const shown = new Map<string, unknown>(Object.entries(instance));
  return Object.entries(fields).every(([name, value]) =>
    name === 'status' ? isReached(fields.status, instance.status) : isEqual(shown.get(name), value),
  );
}

/**
 * Whether a list shows a status that an action brought, or the one that follows it: a line that is
 * being linked becomes connected when the code is scanned, and was not connected before.
 */
function isReached(brought: InstanceStatus | undefined, shown: InstanceStatus): boolean {
  const isLinking = brought === 'connecting' || brought === 'qr_pending';
  if (isLinking) return shown === 'connecting' || shown === 'qr_pending' || shown === 'connected';
  return shown === brought;
}

/** Fields are scalars, lists of strings and objects of booleans. */
function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))];
  return (
    left.length === right.size &&
    left.every(([name, value]) => right.has(name) && right.get(name) === value)
  );
}
