import type { InstanceChangesSubscription } from './generated.ts';
import {
  type Instance,
  type InstanceList,
  type InstanceStatusFilter,
  instanceOf,
} from './instances.ts';

export interface WatchOptions {
  /** Default: `all`. */
  readonly status?: InstanceStatusFilter | undefined;
  /** Ends the watch: it rejects with the signal's reason, or with an `AbortError`. */
  readonly signal?: AbortSignal | undefined;
}

/** The list as it is now. It replaces the previous one. */
export interface WatchedList {
  /** In the order of the list. An instance that has not changed is the same object as before. */
  readonly instances: readonly Instance[];
  readonly totalCount: number;
  /** When the oldest of the rows was requested from EnviaAI, as ISO 8601. */
  readonly asOf: string;
  /** Whether the server cannot get newer rows. */
  readonly stale: boolean;
  /** False: the stream is lost, and the list is the last one, or was polled. */
  readonly isLive: boolean;
}

/** The list after an event of the stream. */
export function listAfter(
  before: WatchedList | null,
  { complete, changed, gone, ...facts }: NonNullable<InstanceChangesSubscription['instances']>,
): WatchedList {
  const rows = changed.map(instanceOf);
  const instances = complete ? rows : merged(before?.instances ?? [], rows, gone);
  return { instances, ...facts, isLive: true };
}

function merged(
  before: readonly Instance[],
  changed: readonly Instance[],
  gone: readonly string[],
): readonly Instance[] {
  if (changed.length + gone.length === 0) return before;
  const byId = new Map(before.map((instance) => [instance.id, instance]));
  for (const id of gone) byId.delete(id);
  const known = byId.size;
  for (const instance of changed) byId.set(instance.id, instance);
  const instances = [...byId.values()];
  // A new row comes without its place.
  return byId.size === known ? instances : instances.sort(orderOf(before));
}

/** By time of creation, with the newest first if the list has it so, and then by id. */
function orderOf(list: readonly Instance[]): (a: Instance, b: Instance) => number {
  const first = timeOf(list[0]);
  const last = timeOf(list[list.length - 1]);
  const sign = first > last ? -1 : 1;
  return (a, b) => sign * compare(timeOf(a), timeOf(b)) || compare(a.id, b.id);
}

/** As text: all have one form and time zone. */
const timeOf = (instance: Instance | undefined): string => instance?.createdAt ?? '';

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** A list that was read in pages. */
export async function polledList(
  pages: AsyncIterable<InstanceList>,
): Promise<{ readonly list: WatchedList; readonly calls: number }> {
  const instances: Instance[] = [];
  let totalCount = 0;
  let asOf: string | null = null;
  let stale = false;
  let calls = 0;
  for await (const page of pages) {
    instances.push(...page.data);
    ({ totalCount } = page);
    if (page.asOf !== null && (asOf === null || page.asOf < asOf)) ({ asOf } = page);
    stale ||= page.stale;
    calls += page.calls;
  }
  return { list: { instances, totalCount, asOf: asOf ?? '', stale, isLive: false }, calls };
}
