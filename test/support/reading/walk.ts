import { Failure } from '#src/domain/failure.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import { readByIds } from '#src/reading/by-id/read-by-ids.ts';
import { anchorOf, decodeCursor } from '#src/reading/cursor/cursor.ts';
import { rowHashesOf, shortHashOf } from '#src/reading/pages/row-hash.ts';
import type { Direction } from '#src/reading/pages/page-view.ts';
import { readWindow } from '#src/reading/list/read-window.ts';
import { mulberry } from '#test/support/random/mulberry.ts';
import { changeOnce, replaceFar } from './changes.ts';
import { createCachingReader, createWindowReader } from './reader.ts';
import { anyOrder, createWorld, isIn, type Listed, type World } from './world.ts';

/** One random walk: how the list is made, how it is read, and how it changes meanwhile. */
export interface WalkPlan {
  readonly seed: number;
  readonly rows: number;
  readonly count: number;
  readonly direction: Direction;
  readonly filter: StatusFilter;
  readonly order: 'ascending' | 'descending' | 'exceptions' | 'none';
  readonly freshMs: number;
  /** Chance of a change before each call is answered, and number of changes between two pages. */
  readonly during: number;
  readonly between: number;
  /** How long the reader takes for a page, at most. */
  readonly pauseMs: number;
  readonly others: boolean;
  /** Many rows come at once in one place, and many go here and there. */
  readonly bulk: boolean;
  /** Whole screens go at once. */
  readonly screens: boolean;
  /** The reader tells again what it told before, and has been on the first page already. */
  readonly reuses?: boolean;
  readonly cap?: number;
  /** Chance of a step of the wall clock, at each moment at which something can change. */
  readonly steps?: number;
}

/** Steps of the wall clock, in milliseconds. */
export const clockSteps = [-3_600_000, 3_600_000, -60_000, 60_000, -5000, 5000, -100, 100];

export interface WalkOutcome {
  readonly skipped: readonly string[];
  readonly repeated: readonly string[];
  readonly disordered: readonly string[];
  readonly empty: number;
  readonly stuck: boolean;
  /** Once, a cursor's row, its 8 neighbours behind and the one after it were all gone. */
  readonly lost: boolean;
  /** The walk began with an answer that was told before. */
  readonly again: boolean;
  readonly pages: number;
  readonly calls: number;
}

const mostPages = 3000;
const mostRetries = 12;
/** A list that grows faster than it is read never ends. */
const mostChanges = 400;

export async function walk(plan: WalkPlan): Promise<WalkOutcome> {
  const random = mulberry(plan.seed);
  const world = createWorld({ ...plan, random });
  const steady = watchSteady(world, plan.filter);
  const reader = plan.reuses ? createCachingReader(world) : createWindowReader(world);
  const { filter, direction, count } = plan;
  const read = (cursor: string | null) => reader.read({ filter, direction, count, cursor });
  let changes = 0;
  const change = () => {
    changes += 1;
    if (changes <= mostChanges) changeOnce(world, random, plan);
  };
  const stepClock = () => {
    if (!plan.steps || random() >= plan.steps) return;
    world.clock.step(clockSteps[Math.floor(random() * clockSteps.length)] ?? 0);
  };
  world.during = () => {
    stepClock();
    if (random() < plan.during) change();
    steady.note();
    world.clock.advance(Math.floor(random() * 50));
  };

  world.latency = anyOrder(mulberry(plan.seed + 1));

  // Memory may be warm already, with pages from before the walk begins.
  for (let times = 0; plan.others && times < 3; times += 1) {
    await readAsAnother(world, random, plan);
    world.clock.advance(Math.floor(random() * 400));
    change();
    steady.note();
  }

  if (plan.reuses) await beAhead();

  const delivered: string[] = [];
  let cursor: string | null = null;
  let pages = 0;
  let own = 0;
  let retries = 0;
  let empty = 0;
  let lost = false;
  let again = false;
  for (; pages < mostPages;) {
    const before = world.calls.length;
    stepClock();
    if (isLost(world, plan, cursor)) lost = true;
    const answer = await read(cursor);
    if (isLost(world, plan, cursor)) lost = true;
    own += world.calls.length - before;
    if (answer instanceof Failure) {
      retries += 1;
      if (retries > mostRetries) return outcomeOf(true);
      world.clock.advance(1000);
      continue;
    }
    retries = 0;
    if (pages === 0) {
      steady.begin(answer.asOf);
      again = answer.isCached;
    }
    pages += 1;
    const { ids, hasMore } = answer;
    delivered.push(...(plan.direction === 'forward' ? ids : ids.toReversed()));
    if (hasMore && ids.length === 0) empty += 1;
    if (!hasMore) return outcomeOf(false);
    cursor = answer.cursor ?? cursor;

    world.clock.advance(Math.floor(random() * plan.pauseMs));
    for (let times = 0; times < plan.between; times += 1) if (random() < 0.7) change();
    steady.note();
    if (plan.others && random() < 0.5) await readAsAnother(world, random, plan);
  }
  return outcomeOf(true);

  /**
   * Has the first page told before the walk begins, and the second some time later; behind both,
   * rows are replaced.
   */
  async function beAhead(): Promise<void> {
    for (let times = 0; times < 2; times += 1) {
      const first = await read(null);
      world.clock.advance(Math.floor(random() * 2000));
      if (!(first instanceof Failure) && first.cursor !== null) await read(first.cursor);
      if (random() < 0.8) replaceFar(world, random, plan);
      steady.note();
      world.clock.advance(Math.floor(random() * 1500));
      steady.note();
    }
  }

  function outcomeOf(stuck: boolean): WalkOutcome {
    const expected = steady.rows();
    const times = new Map<string, number>();
    for (const id of delivered) times.set(id, (times.get(id) ?? 0) + 1);
    const inOrder = plan.direction === 'forward' ? expected : expected.toReversed();
    const firsts = [...new Set(delivered)].filter((id) => inOrder.includes(id));
    const present = inOrder.filter((id) => times.has(id));
    return {
      skipped: stuck ? [] : inOrder.filter((id) => !times.has(id)),
      repeated: inOrder.filter((id) => (times.get(id) ?? 0) > 1),
      disordered: firsts.filter((id, index) => id !== present[index]),
      empty,
      stuck,
      lost,
      again,
      pages,
      calls: own,
    };
  }
}

function isLost(world: World, { filter, direction }: WalkPlan, text: string | null): boolean {
  if (text === null) return false;
  const cursor = decodeCursor(text, { tenant: 'tenant', filter, argument: 'after' });
  const { row, behind, ahead } = anchorOf(cursor, direction);
  const rows = world.list.filter((listed) => isIn(listed, filter));
  const shorts = new Set(rows.map(({ id }) => shortOfId(id)));
  return ![shortHashOf(row), ...behind, ...ahead.slice(0, 1)].some((short) => shorts.has(short));
}

const shortsMade = new Map<string, number>();
function shortOfId(id: string): number {
  const [print = 0] = shortsMade.has(id) ? [] : rowHashesOf([{ key: id, instance: null }]);
  const short = shortsMade.get(id) ?? shortHashOf(print);
  shortsMade.set(id, short);
  return short;
}

async function readAsAnother(world: World, random: () => number, plan: WalkPlan): Promise<void> {
  const session = world.session({ noCache: random() < 0.2 });
  const ids = world.list.filter(() => random() < 0.05).map(({ id }) => id);
  try {
    await Promise.all([
      readWindow(session, {
        filter: random() < 0.5 ? 'all' : plan.filter,
        direction: random() < 0.5 ? 'forward' : 'backward',
        count: 1 + Math.floor(random() * 100),
        cursor: null,
      }),
      readByIds(session, ids),
    ]);
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
  }
}

/** The rows that were in the list all the time since the first answer was asked for. */
function watchSteady(world: World, filter: StatusFilter) {
  const now = () => world.list.filter((row: Listed) => isIn(row, filter)).map(({ id }) => id);
  const beforeFirst = [{ at: world.clock.now(), ids: now() }];
  let steady: ReadonlySet<string> | undefined;
  const note = () => {
    if (steady) steady = steady.intersection(new Set(now()));
    else beforeFirst.push({ at: world.clock.now(), ids: now() });
  };
  return {
    note,
    /**
     * What stood when the first answer's call was sent is the last snapshot before it, and all
     * since.
     */
    begin(asOf: number) {
      const first = beforeFirst.findLastIndex(({ at }) => at < asOf);
      const since = beforeFirst.slice(Math.max(0, first)).map(({ ids }) => new Set(ids));
      steady = since.reduce((kept, ids) => kept.intersection(ids));
    },
    rows: (): string[] => now().filter((id) => steady?.has(id) ?? false),
  };
}
