import { isDeepStrictEqual } from 'node:util';
import type { Row } from '#src/domain/row.ts';
import type { InstanceFields } from '#src/domain/instance-fields.ts';
import type { Write } from '#src/domain/write.ts';
import { agrees, withFields } from './patch.ts';

/**
 * How long the fields of a write are laid over rows that EnviaAI sends without them, in
 * milliseconds. Its list may show a change later than its answer to the write.
 */
export const overlayMs = 10_000;

/** What a write gave one field: EnviaAI's list can show some of its fields, and never others. */
interface Patch {
  readonly sentAt: number;
  readonly at: number;
  /** Pages that are sent later are not patched. */
  readonly until: number;
  readonly field: string;
  readonly fields: InstanceFields;
  /** When the first list page was sent that shows it; Infinity: none has. */
  agreedAt: number;
}

/** What the recent writes did to one row. Times are by the monotonic clock. */
export interface RowWrites {
  /** When the last write was answered, or failed. */
  readonly at: number;
  /** When the last write whose outcome is unknown failed; -Infinity: there was none. */
  readonly unknownAt: number;
  /** One for each field that was written. */
  readonly patches: readonly Patch[];
}

const never = Number.NEGATIVE_INFINITY;
const noWrites: RowWrites = { at: never, unknownAt: never, patches: [] };

/**
 * The writes to a row and one more, which was answered `at`, and patches pages `until`. One of
 * another replica can be older than those that are known.
 *
 * Of two writes to a field that were in flight at the same time, it is not known which one EnviaAI
 * did last: neither patches pages, and pages sent before their answers are not usable.
 */
export function afterWrite(
  { at: lastAt, unknownAt, patches }: RowWrites = noWrites,
  write: Exclude<Write, { readonly kind: 'create' }>,
  { at, until }: Pick<Patch, 'at' | 'until'>,
): RowWrites {
  const { fields } = write;
  const last = { at: Math.max(lastAt, at) };
  if (fields === null) {
    const newer = patches.filter((patch) => patch.at > at);
    return { ...last, unknownAt: Math.max(unknownAt, at), patches: newer };
  }
  // It may be what the newer one, whose outcome is unknown, has changed.
  if (at < unknownAt) return { ...last, unknownAt, patches };
  const sentAt = at - (write.tookMs ?? 0);
  const added = Object.entries(fields).map(([field, value]): Patch => {
    const patch = { field, fields: { [field]: value }, agreedAt: Number.POSITIVE_INFINITY };
    return { ...patch, sentAt, at, until };
  });
  const all = [...patches, ...added];
  const crossed = added.filter((patch) => patches.some((other) => crosses(patch, other)));
  if (crossed.length === 0) return { ...last, unknownAt, patches: withoutRepeats(all) };
  const fieldsOfBoth = new Set(crossed.map(({ field }) => field));
  const others = all.filter(({ field }) => !fieldsOfBoth.has(field));
  return { ...last, unknownAt: Math.max(unknownAt, last.at), patches: withoutRepeats(others) };
}

/** Whether two writes gave a field different values, each before the other was answered. */
const crosses = (a: Patch, b: Patch): boolean =>
  a.field === b.field &&
  a.sentAt < b.at &&
  b.sentAt < a.at &&
  !isDeepStrictEqual(a.fields, b.fields);

/** A newer write to a field ends the older one. */
function withoutRepeats(patches: readonly Patch[]): readonly Patch[] {
  const byField = new Map(
    patches.toSorted((a, b) => a.at - b.at).map((patch) => [patch.field, patch]),
  );
  return [...byField.values()];
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
