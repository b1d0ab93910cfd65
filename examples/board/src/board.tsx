import { useEffect, useState } from 'react';
import type { InstanceStatus } from './graphql/graphql.ts';
import { InstanceList } from './instance-list.tsx';
import { Notice } from './notice.tsx';
import { StatusFilter } from './status-filter.tsx';
import { TopBar } from './top-bar.tsx';
import { useChanges } from './use-changes.ts';
import { useInstances } from './use-instances.ts';

const step = 50;

/** The account's instances, as they are now. */
export function Board({ onSignOut }: { readonly onSignOut: (wasRefused: boolean) => void }) {
  const [status, setStatus] = useState<InstanceStatus | null>(null);
  const [count, setCount] = useState(step);
  const { snapshot, problem } = useInstances(status, count);
  const changes = useChanges(snapshot);

  useEffect(() => {
    if (problem?.kind === 'signed-out') onSignOut(true);
  }, [problem, onSignOut]);

  return (
    <>
      <TopBar snapshot={snapshot} problem={problem} onSignOut={() => onSignOut(false)} />
      <main className="board">
        <StatusFilter
          chosen={status}
          onChoose={(chosen) => {
            setStatus(chosen);
            setCount(step);
          }}
        />
        <Notice snapshot={snapshot} problem={problem} />
        <InstanceList
          snapshot={snapshot}
          failed={problem !== null}
          changed={changes.ids}
          filtered={status !== null}
          onShowAll={() => setStatus(null)}
          // Asked for again and again while the end of the list is in sight: it counts from what is there.
          onMore={() => setCount((snapshot?.rows.length ?? 0) + step)}
        />
        <p className="unseen" aria-live="polite">
          {changes.announcement}
        </p>
      </main>
    </>
  );
}
