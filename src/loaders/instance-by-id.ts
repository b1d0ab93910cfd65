import DataLoader from 'dataloader';
import { Failure } from '#src/domain/failure.ts';
import type { Instance } from '#src/domain/instance.ts';
import { lazy } from '#src/domain/lazy.ts';
import { canBeId } from '#src/reading/by-id/id-form.ts';
import { readByIds } from '#src/reading/by-id/read-by-ids.ts';
import type { ReadSession } from '#src/reading/session/read-session.ts';
import { withSpan } from '#src/reading/session/with-span.ts';

/**
 * Loads instances by id, those of one operation in one batch; null: the account has none of this
 * id.
 */
export interface InstanceById {
  load(id: string): Promise<Instance | null>;
}

export function createInstanceById(session: () => ReadSession): InstanceById {
  // Created when it is first used: a cache hit loads nothing.
  const loader = lazy(() => createLoader(session));
  return { load: (id) => (canBeId(id) ? loader().load(id) : Promise.resolve(null)) };
}

const createLoader = (session: () => ReadSession) =>
  new DataLoader<string, Instance | null>(async (ids) => {
    const results = await session().phases.run('ids', () =>
      withSpan(session(), 'read by id', (traced) => readByIds(traced, ids)),
    );
    return ids.map((id) => {
      const result = results.get(id) ?? null;
      if (result === null || result instanceof Failure) return result;
      return result.instance ?? new Failure('malformed', 'A row cannot be read');
    });
  });
