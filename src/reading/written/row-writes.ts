import type { Row } from '#src/domain/row.ts';
import type { InstanceFields } from '#src/domain/instance-fields.ts';
import type { Write } from '#src/domain/write.ts';
import { agrees, withFields } from './patch.ts';

/**
 * How long the fields of a write are laid over rows that EnviaAI sends without them, in
 * milliseconds. Its list may show a change later than its answer to the write.
 */
export const overlayMs = 10_000;

interface Patch {
  readonly at: number;
  /** Pages that are sent later are not patched. */
  readonly until: number;
  readonly fields: InstanceFields;
  /** When the first list page was sent that shows the fields; Infinity: none has shown them. */
  agreedAt: number;
}

/** What the recent writes did to one row. Times are by the monotonic clock. */
export interface RowWrites {
  /** When the last write was answered, or failed. */
  readonly at: number;
  /** Whether the patches say all that the last write did; false: its outcome is unknown. */
  readonly isKnown: boolean;
  /** The oldest first. No two have the same field. */
  readonly patches: readonly Patch[];
}

const noWrites: RowWrites = { at: Number.NEGATIVE_INFINITY, isKnown: true, patches: [] };

/** The writes to a row after one more, which was answered `at`, and patches pages `until`. */
export function afterWrite(
  { patches }: RowWrites = noWrites,
  write: Exclude<Write, { readonly kind: 'create' }>,
  { at, until }: Pick<Patch, 'at' | 'until'>,
): RowWrites {
  const { kind, fields } = write;
  if (fields === null) return { at, isKnown: false, patches: [] };
  // A newer write to a field ends the older one; an action decides the status, also if unknown.
  const ended = new Set([...Object.keys(fields), ...(kind === 'status' ? ['status'] : [])]);
  const rest = patches.flatMap((patch) => {
    const left = Object.entries(patch.fields).filter(([name]) => !ended.has(name));
    return left.length > 0 ? [{ ...patch, fields: Object.fromEntries(left) }] : [];
  });
  const isPatch = Object.keys(fields).length > 0;
  const added = isPatch ? [{ at, until, fields, agreedAt: Number.POSITIVE_INFINITY }] : [];
  return { at, isKnown: true, patches: [...rest, ...added] };
}

/** Ends the patches that a row of a list page shows, for the pages sent from then on. */
export function noteAgreement({ patches }: RowWrites, { instance }: Row, sentAt: number): void {
  if (instance === null) return;
  for (const patch of patches) {
    if (sentAt >= patch.at && sentAt < patch.agreedAt && agrees(instance, patch.fields)) {
      patch.agreedAt = sentAt;
    }
  }
}

/** A row of a response that was sent at a time, with what the writes gave it. */
export function withPatches({ patches }: RowWrites, row: Row, sentAt: number): Row {
  let patched = row;
  for (const { at, until, fields, agreedAt } of patches) {
    const isOlder = sentAt < at;
    const isLagging = sentAt < Math.min(agreedAt, until);
    if (isOlder || isLagging) patched = withFields(patched, fields);
  }
  return patched;
}
