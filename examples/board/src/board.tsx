import { useEffect, useState } from 'react';
import type { InstanceStatusFilter } from './graphql/graphql.ts';
import { InstanceList } from './instance-list.tsx';
import { Notice } from './notice.tsx';
import { type Opened, OpenedDialog } from './opened-dialog.tsx';
import { StatusFilter } from './status-filter.tsx';
import { TopBar } from './top-bar.tsx';
import { useChanges } from './use-changes.ts';
import { useInstances } from './use-instances.ts';

const step = 50;

/** The account's instances, as they change. */
export function Board({ onSignOut }: { readonly onSignOut: (wasRefused: boolean) => void }) {
  const [status, setStatus] = useState<InstanceStatusFilter | null>(null);
  const [count, setCount] = useState(step);
  const [opened, setOpened] = useState<Opened | null>(null);
  const { snapshot, problem, stream, refresh } = useInstances(status, count);
  const changes = useChanges(snapshot);

  useEffect(() => {
    if (problem?.kind === 'signed-out') onSignOut(true);
  }, [problem, onSignOut]);

  return (
    <>
      <TopBar
        snapshot={snapshot}
        problem={problem}
        stream={stream}
        onSignOut={() => onSignOut(false)}
      />
      <main className="board">
        <div className="tools">
          <StatusFilter
            chosen={status}
            onChoose={(chosen) => {
              setStatus(chosen);
              setCount(step);
            }}
          />
          <button type="button" className="primary" onClick={() => setOpened({ action: 'create' })}>
            New instance
          </button>
        </div>
        <Notice snapshot={snapshot} problem={problem} />
        <InstanceList
          snapshot={snapshot}
          failed={problem !== null}
          changed={changes.ids}
          filtered={status !== null}
          onShowAll={() => setStatus(null)}
          // Called repeatedly while the end of the list is visible, so it counts from the rows
          // shown.
          onMore={() => setCount((snapshot?.rows.length ?? 0) + step)}
          onAct={(action, row) => setOpened({ action, row })}
        />
        <p className="unseen" aria-live="polite">
          {changes.announcement}
        </p>
      </main>
      {opened && <OpenedDialog opened={opened} onOpen={setOpened} onChanged={refresh} />}
    </>
  );
}
