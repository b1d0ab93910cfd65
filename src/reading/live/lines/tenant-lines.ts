import type { Clock } from '#src/domain/clock.ts';
import type { QrOutcome } from '#src/domain/qr-event.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import { createLinePoller, type LineReads } from './line-poller.ts';
import type { LinkAttempts } from './link-attempts.ts';
import type { FeedNews, PageFeed } from '#src/reading/live/page-feed.ts';
import { createWatchedLine, type LineListener, type WatchedLine } from './watched-line.ts';

/** What all tenants share. */
export interface TenantLinesParts {
  readonly feed: Pick<PageFeed, 'subscribe'>;
  readonly attempts: LinkAttempts;
  /** The attempt to link a line has ended. Never rejects. */
  readonly onEnded: (tenant: Tenant, id: string, outcome: QrOutcome) => Promise<void>;
  readonly clock: Clock;
  readonly pollMs: number;
  readonly timeoutMs: number;
}

export interface TenantLinesOptions extends TenantLinesParts {
  readonly tenant: Tenant;
  readonly reads: LineReads;
  /** Called when the last line is not watched any more. */
  readonly onEmpty: () => void;
}

/** The lines of one tenant whose codes are watched, with their poller. */
export interface TenantLines {
  readonly find: (id: string) => WatchedLine | undefined;
  readonly size: () => number;
  /** Returns the function by which the listener leaves. */
  join(id: string, listener: LineListener): () => void;
}

/** A line is polled this long after its last subscriber has left: screens reconnect. */
const graceMs = 5000;

export function createTenantLines(options: TenantLinesOptions): TenantLines {
  const { tenant, attempts, clock } = options;
  const lines = new Map<string, WatchedLine>();
  const poller = createLinePoller({
    ...options,
    onCode: (id, state) => attempts.renewed(tenant, id, state),
  });
  const stopFeed = options.feed.subscribe(tenant, {
    news(news) {
      const named = noteNews(lines, news);
      if (!poller.isReadingRows() && !news.isRewritten) {
        for (const line of named) line.listedAt = Math.max(line.listedAt, news.at);
      }
      poller.wake(named);
    },
    nudged(id, at) {
      const line = lines.get(id);
      line?.noteNudge(at);
      if (line) poller.wake([line]);
    },
  });

  function open(id: string): WatchedLine {
    const line = createWatchedLine(id, {
      clock,
      startedAt: () => attempts.startedAt(tenant, id),
      onClosed(event) {
        stopFollowing();
        lines.delete(id);
        if (event?.outcome) {
          attempts.ended(tenant, id);
          void options.onEnded(tenant, id, event.outcome);
        }
        if (lines.size > 0) return poller.wake([line]);
        poller.stop();
        stopFeed();
        options.onEmpty();
      },
    });
    const stopFollowing = attempts.onChange(tenant, id, () => {
      const state = attempts.current(tenant, id);
      if (state) line.noteState(state, clock.now());
      else if (attempts.startedAt(tenant, id) === undefined) line.noteCancelled();
      poller.wake([line]);
    });
    const state = attempts.current(tenant, id);
    if (state) line.noteState(state, clock.now());
    lines.set(id, line);
    return line;
  }

  return {
    find: (id) => lines.get(id),
    size: () => lines.size,
    join(id, listener) {
      lines.get(id)?.publish();
      const line = lines.get(id) ?? open(id);
      line.add(listener);
      poller.wake([line]);
      return () => {
        line.listeners.delete(listener);
        clock.setTimer(graceMs, () => {
          if (line.listeners.size === 0) line.close();
        });
      };
    },
  };
}

/** The lines of which something is said that was written to the page cache. */
function noteNews(
  lines: ReadonlyMap<string, WatchedLine>,
  { source, find, at, isRewritten }: FeedNews,
): readonly WatchedLine[] {
  const ids = 'offset' in source ? source.rows.map(({ key }) => key) : [source.id];
  return ids.flatMap((id) => {
    const line = lines.get(id);
    const row = find(id);
    if (!line || row === undefined) return [];
    if (isRewritten) line.noteRewritten(row, at);
    else line.noteRow(row, at);
    return [line];
  });
}
