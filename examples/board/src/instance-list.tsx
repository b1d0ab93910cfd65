import { useEffect, useRef } from 'react';
import { type Action, InstanceCard } from './instance-card.tsx';
import type { Row, Snapshot } from './read-rows.ts';

interface Props {
  readonly snapshot: Snapshot | null;
  readonly failed: boolean;
  readonly changed: ReadonlySet<string>;
  readonly filtered: boolean;
  readonly onShowAll: () => void;
  readonly onMore: () => void;
  readonly onAct: (action: Action, row: Row) => void;
}

export function InstanceList(props: Props) {
  const { snapshot, failed, changed, filtered, onShowAll, onMore, onAct } = props;
  if (!snapshot) return failed ? null : <Loading />;
  if (snapshot.rows.length === 0) return <Empty filtered={filtered} onShowAll={onShowAll} />;
  return (
    <>
      <ul className="cards" aria-label="Instances">
        {snapshot.rows.map((row) => (
          <InstanceCard
            key={row.id}
            row={row}
            changed={changed.has(row.id)}
            onAct={(action) => onAct(action, row)}
          />
        ))}
      </ul>
      {snapshot.hasMore && <More shown={snapshot.rows.length} onMore={onMore} />}
    </>
  );
}

/** Loads more rows when it is scrolled into view; also a button, for use without scrolling. */
function More({ shown, onMore }: { readonly shown: number; readonly onMore: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) onMore();
      },
      { rootMargin: '400px' },
    );
    if (button.current) observer.observe(button.current);
    return () => observer.disconnect();
    // Observed again after more rows were added, as it may still be in view. `onMore` is not a
    // dependency: it is a new function in each render.
  }, [shown]);
  return (
    <button type="button" className="more" ref={button} onClick={onMore}>
      Show more
    </button>
  );
}

function Loading() {
  return (
    <ul className="cards" aria-busy="true" aria-label="Instances, loading">
      {Array.from({ length: 6 }, (_, index) => (
        <li key={index} className="card waiting" aria-hidden="true" />
      ))}
    </ul>
  );
}

function Empty({ filtered, onShowAll }: Pick<Props, 'filtered' | 'onShowAll'>) {
  return (
    <section className="empty">
      <h2>{filtered ? 'None with this status' : 'No instances yet'}</h2>
      <p>
        {filtered
          ? 'As soon as there is one, it appears here.'
          : 'Create one, and it appears here.'}
      </p>
      {filtered && (
        <button type="button" className="primary" onClick={onShowAll}>
          Show all
        </button>
      )}
    </section>
  );
}
