import { useState } from 'react';
import type { Snapshot } from './read-rows.ts';
import { labelOf } from './words.ts';

export interface Changes {
  /** Instances whose status differs from the previous answer. */
  readonly ids: ReadonlySet<string>;
  /** The changes as text for screen readers; empty until something changes. */
  readonly announcement: string;
}

const none: Changes = { ids: new Set(), announcement: '' };

/** The changes of the last answer that had any. */
export function useChanges(snapshot: Snapshot | null): Changes {
  const [seen, setSeen] = useState({ snapshot, changes: none });
  if (seen.snapshot === snapshot) return seen.changes;
  const changes = changesBetween(seen.snapshot, snapshot) ?? seen.changes;
  setSeen({ snapshot, changes });
  return changes;
}

/** Null: nothing has changed, so the last announcement stays and is not read out again. */
function changesBetween(before: Snapshot | null, after: Snapshot | null): Changes | null {
  const statusBefore = new Map(before?.rows.map(({ id, status }) => [id, status]));
  const changed = (after?.rows ?? []).filter(
    ({ id, status }) => (statusBefore.get(id) ?? status) !== status,
  );
  if (changed.length === 0) return null;
  return {
    ids: new Set(changed.map(({ id }) => id)),
    announcement: changed.map(({ name, status }) => `${name}: ${labelOf(status)}`).join('. '),
  };
}
