/** An event of `instances`, as far as it is merged. */
export interface ChangesEvent {
  readonly complete: boolean;
  readonly changed: readonly { readonly id: string; readonly status: string }[];
  readonly gone: readonly string[];
}

/** The list that a client has after these events: statuses by id. */
export function mergedList(events: readonly ChangesEvent[]): ReadonlyMap<string, string> {
  const rows = new Map<string, string>();
  for (const { complete, changed, gone } of events) {
    if (complete) rows.clear();
    for (const { id, status } of changed) rows.set(id, status);
    for (const id of gone) rows.delete(id);
  }
  return rows;
}
