import { useState } from 'react';
import type { Snapshot } from './read-rows.ts';
import { labelOf } from './words.ts';

export interface Changes {
  /** The instances whose status is another than in the answer before. */
  readonly ids: ReadonlySet<string>;
  /** The same in words, for who does not see them; empty while nothing has changed. */
  readonly announcement: string;
}

const none: Changes = { ids: new Set(), announcement: '' };

/** What the last answer brought that is new. */
export function useChanges(snapshot: Snapshot | null): Changes {
  const [seen, setSeen] = useState({ snapshot, changes: none });
  if (seen.snapshot === snapshot) return seen.changes;
  const changes = changesBetween(seen.snapshot, snapshot) ?? seen.changes;
  setSeen({ snapshot, changes });
  return changes;
}

/** Null where nothing has changed: what was last said then stands, and is not said again. */
function changesBetween(before: Snapshot | null, after: Snapshot | null): Changes | null {
  const was = new Map(before?.rows.map(({ id, status }) => [id, status]));
  const changed = (after?.rows ?? []).filter(
    ({ id, status }) => (was.get(id) ?? status) !== status,
  );
  if (changed.length === 0) return null;
  return {
    ids: new Set(changed.map(({ id }) => id)),
    announcement: changed.map(({ name, status }) => `${name}: ${labelOf(status)}`).join('. '),
  };
}
