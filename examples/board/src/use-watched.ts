import { useEffect, useState } from 'react';
import { useClient } from 'urql';
import type { InstanceStatusFilter } from './graphql/graphql.ts';
import { useVisible } from './use-visible.ts';
import { type Watched, watchRows } from './watch-rows.ts';

const none: Watched = { stream: 'none' };

/** The list of a status by the server's stream, while the page is visible. */
export function useWatched(status: InstanceStatusFilter | null): Watched {
  const client = useClient();
  const isVisible = useVisible();
  const [{ of, watched }, setSeen] = useState({ of: status, watched: none });
  useEffect(() => {
    if (!isVisible) return undefined;
    const stop = watchRows(client, status, (next) => setSeen({ of: status, watched: next }));
    return () => {
      stop();
      setSeen({ of: status, watched: none });
    };
  }, [client, status, isVisible]);
  return of === status ? watched : none;
}
