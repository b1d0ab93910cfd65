import type { Client } from 'urql';
import {
  type InstanceStatusFilter,
  WatchDocument,
  type WatchSubscription,
} from './graphql/graphql.ts';
import type { Row } from './read-rows.ts';
import { backoffOf, waitAfter } from './reopening.ts';

/** The whole list, as the server last sent it. */
export interface WatchedRows {
  readonly rows: readonly Row[];
  readonly total: number;
  /** In milliseconds since the epoch. */
  readonly asOf: number;
  readonly stale: boolean;
}

export type Watched =
  | { readonly stream: 'live'; readonly list: WatchedRows }
  /** It will be opened again. */
  | { readonly stream: 'lost' }
  /** It has not begun, or the server refuses it. */
  | { readonly stream: 'none' };

/** The server sends an event every 30 s: after this silence, the stream is lost. */
const silenceMs = 45_000;

/**
 * Shows the list whenever something in it changes. A stream that is lost is opened again. Returns
 * the function that stops it.
 */
export function watchRows(
  client: Client,
  status: InstanceStatusFilter | null,
  show: (watched: Watched) => void,
): () => void {
  let isStopped = false;
  let endStream = () => {};
  let timer: ReturnType<typeof setTimeout> | undefined;

  function openStream(failures: number): void {
    let list: WatchedRows | null = null;
    let isOver = false;
    const end = (watched: Watched) => {
      isOver = true;
      clearTimeout(timer);
      endStream();
      show(watched);
    };
    const again = (waitMs: number) => {
      end({ stream: 'lost' });
      timer = setTimeout(() => openStream(list ? 0 : failures + 1), waitMs);
    };
    const awaitEvent = () => {
      clearTimeout(timer);
      timer = setTimeout(() => again(backoffOf(failures)), silenceMs);
    };

    awaitEvent();
    const stream = client
      .subscription(WatchDocument, { status })
      .subscribe(({ data, error, hasNext }) => {
        if (isStopped || isOver) return undefined;
        // With data, an error is of a field that cannot be read.
        if (!data?.instances && error) {
          const waitMs = waitAfter(error, failures);
          return waitMs === null ? end({ stream: 'none' }) : again(waitMs);
        }
        if (!data?.instances || !hasNext) return again(backoffOf(failures));
        awaitEvent();
        list = listAfter(list, data.instances);
        return show({ stream: 'live', list });
      });
    // Not while urql passes on a result: it would leave a rejection of the aborted body unhandled.
    endStream = () => void setTimeout(() => stream.unsubscribe());
  }

  openStream(0);
  return () => {
    isStopped = true;
    clearTimeout(timer);
    endStream();
  };
}

function listAfter(
  before: WatchedRows | null,
  { complete, changed, gone, totalCount, asOf, stale }: NonNullable<WatchSubscription['instances']>,
): WatchedRows {
  const rows = complete || !before ? changed : merged(before.rows, changed, gone);
  return { rows, total: totalCount, asOf: Date.parse(asOf), stale };
}

function merged(
  before: readonly Row[],
  changed: readonly Row[],
  gone: readonly string[],
): readonly Row[] {
  const byId = new Map(before.map((row) => [row.id, row]));
  for (const id of gone) byId.delete(id);
  const known = byId.size;
  for (const row of changed) byId.set(row.id, row);
  const rows = [...byId.values()];
  return byId.size === known ? rows : rows.sort(byCreation);
}

/** The place of a new row, which comes without one. */
const byCreation = (a: Row, b: Row): number =>
  compare(a.createdAt ?? '', b.createdAt ?? '') || compare(a.id, b.id);

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
