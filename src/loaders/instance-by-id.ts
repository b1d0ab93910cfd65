import DataLoader from 'dataloader';
import { Failure } from '#src/domain/failure.ts';
import type { Instance } from '#src/domain/instance.ts';
import { readByIds } from '#src/reading/by-id/read-by-ids.ts';
import type { ReadSession } from '#src/reading/session/read-session.ts';
import { withSpan } from '#src/reading/session/with-span.ts';

/** Instances by id, those of one operation read together; null: there is none. */
export interface InstanceById {
  load(id: string): Promise<Instance | null>;
}

/** What an id can look like; anything else is no instance's, and costs no call. */
export const isId = (id: string): boolean => /^[A-Za-z0-9_-]{1,128}$/.test(id);

export function createInstanceById(operation: () => ReadSession): InstanceById {
  // Made when it is first asked: an answer that is served again asks for nothing.
  let made: DataLoader<string, Instance | null> | undefined;
  const loader = () => (made ??= createLoader(operation));
  return { load: (id) => (isId(id) ? loader().load(id) : Promise.resolve(null)) };
}

const createLoader = (operation: () => ReadSession) =>
  new DataLoader<string, Instance | null>(
    async (ids) => {
      const found = await withSpan(operation(), 'read by id', (op) => readByIds(op, ids));
      return ids.map((id) => {
        const outcome = found.get(id) ?? null;
        if (outcome === null || outcome instanceof Failure) return outcome;
        return outcome.instance ?? new Failure('malformed', 'A row cannot be read');
      });
    },
    // After the lists asked for in the same breath, whose pages may hold these rows.
    { batchScheduleFn: (dispatch) => setImmediate(dispatch) },
  );
