import type { Clock } from '#src/domain/clock.ts';
import type { Instance } from '#src/domain/instance.ts';
import type { InstanceChanges } from '#src/domain/instance-changes.ts';
import type { WriteEvent } from '#src/domain/live-source.ts';
import { type ChangedInstance, differingRows } from './differing-rows.ts';
import type { RowsView } from './watched-rows.ts';

export interface RowFollowerParts {
  readonly view: RowsView;
  /** Every event is complete, and tells nothing of its age: a single instance. */
  readonly isWhole: boolean;
  readonly clock: Clock;
  readonly emit: (event: InstanceChanges) => void;
  readonly write: WriteEvent<InstanceChanges>;
  readonly onError: (error: unknown) => void;
}

/** Sends the subscribers of equal operations what has changed since the last event. */
export interface RowFollower {
  /** The view may have changed. */
  readonly changed: () => void;
  /** What was sent, as one event; undefined: nothing was. The same object while it is the same. */
  current(): InstanceChanges | undefined;
  readonly stop: () => void;
}

/** Between two events, in milliseconds. */
const minGapMs = 1000;

/** Without changes, an event tells that the rows are still watched. */
const heartbeatMs = 30_000;

/** What both sides of a comparison have in common. */
const compared = { complete: false, gone: [], totalCount: 0, asOf: '', stale: false } as const;

export function createRowFollower(parts: RowFollowerParts): RowFollower {
  const { view, isWhole, clock, emit, write } = parts;
  /** By key: what the subscribers have. */
  const sent = new Map<string, Instance>();
  let totalCount = 0;
  let isSentStale = false;
  let lastAt: number | null = null;
  let isStopped = false;
  let isComparing = false;
  let hasChanged = false;
  let cancelTimer = () => {};
  let comparedAsOf = Number.NaN;
  let last: { readonly at: number; readonly event: InstanceChanges } | undefined;

  const writeRows = (changed: readonly Instance[]) => write({ ...compared, changed });

  /** The view of the last comparison, unless nothing has changed since then. */
  const asOf = () => (hasChanged || isComparing ? comparedAsOf : view.asOf());

  function headOf(asOfMs: number) {
    const time = new Date(asOfMs + clock.wall().aheadMs).toISOString();
    return { totalCount, asOf: time, stale: isSentStale };
  }

  /** In the order of the list; rows that have left it and were not reported yet are at its end. */
  function completeEvent(asOfMs: number): InstanceChanges {
    const keys = new Set([...view.rows().keys(), ...sent.keys()]);
    const changed = [...keys].flatMap((key) => sent.get(key) ?? []);
    return { complete: true, changed, gone: [], ...headOf(asOfMs) };
  }

  function send(changed: readonly Instance[], gone: readonly string[]): void {
    const isComplete = lastAt === null || isWhole;
    lastAt = clock.now();
    last = undefined;
    const event = { complete: false, changed, gone, ...headOf(comparedAsOf) };
    emit(isComplete ? completeEvent(comparedAsOf) : event);
  }

  /** Sends what has changed, and a heartbeat if one is due. */
  async function compareOnce(): Promise<void> {
    const rows = view.rows();
    const stale = view.isStale();
    comparedAsOf = view.asOf();
    const added: Instance[] = [];
    const changes: ChangedInstance[] = [];
    for (const [key, { instance }] of rows) {
      const was = sent.get(key);
      if (instance === null || instance === was) continue;
      if (was) changes.push({ was, is: instance });
      else added.push(instance);
    }
    const gone = [...sent.keys()].filter((key) => !rows.has(key));
    const differing = (await differingRows(changes, writeRows)).map(({ is }) => is);
    if (isStopped) return;
    for (const instance of [...changes.map(({ is }) => is), ...added]) {
      sent.set(instance.id, instance);
    }
    for (const key of gone) sent.delete(key);
    const changed = [...differing, ...added];
    const isHeartbeatDue = lastAt === null || lastAt + heartbeatMs <= clock.now();
    const isTurned = !isWhole && stale !== isSentStale;
    totalCount = rows.size;
    isSentStale = stale;
    if (isHeartbeatDue || isTurned || changed.length > 0 || gone.length > 0) send(changed, gone);
  }

  const isDue = () => hasChanged && !isStopped && waitMs() <= 0;
  const waitMs = () => (lastAt === null ? 0 : lastAt + minGapMs - clock.now());

  async function compareWhileChanged(): Promise<void> {
    isComparing = true;
    while (isDue()) {
      hasChanged = false;
      await compareOnce();
    }
    isComparing = false;
    cancelTimer();
    if (isStopped || lastAt === null) return;
    const dueMs = hasChanged ? waitMs() : lastAt + heartbeatMs - clock.now();
    cancelTimer = clock.setTimer(Math.max(0, dueMs), changed);
  }

  function changed(): void {
    hasChanged = true;
    if (isStopped) return;
    const failure = view.failure();
    if (failure !== undefined) return parts.onError(failure);
    if (!isComparing && view.isReady()) compareWhileChanged().catch(parts.onError);
  }

  return {
    changed,
    current() {
      if (lastAt === null) return undefined;
      const asOfMs = asOf();
      if (last?.at !== asOfMs) last = { at: asOfMs, event: completeEvent(asOfMs) };
      return last.event;
    },
    stop() {
      isStopped = true;
      cancelTimer();
    },
  };
}
