import type { WalkPlan } from './walk.ts';
import type { World } from './world.ts';

/** A longer list than can be searched through within one operation's calls is another promise. */
const mostRows = 560;

/** One change anywhere: a row comes, goes or changes its status. */
export function changeOnce(world: World, random: () => number, plan: WalkPlan): void {
  const { list } = world;
  const at = Math.floor(random() * (list.length + 1));
  const kind = random();
  if (plan.bulk && random() < 0.15) {
    if (random() < 0.5)
      insertMany(world, plan, random() < 0.6 ? 0 : at, Math.floor(random() * 120));
    else thinOut(world, random, at);
    return;
  }
  if (plan.screens && kind < 0.15) {
    const size = Math.min(list.length, 5 + Math.floor(random() * 60));
    list.splice(Math.min(at, list.length - size), size);
  } else if (kind < 0.4) world.insert(plan.order === 'descending' && random() < 0.6 ? 0 : at);
  else if (kind < 0.75) world.remove(Math.min(at, list.length - 1));
  else {
    const row = list[at];
    if (row) row.status = row.status === 'connected' ? 'disconnected' : 'connected';
  }
}

function insertMany(world: World, plan: WalkPlan, at: number, many: number): void {
  const most = Math.min(mostRows, (plan.cap ?? mostRows) * 5);
  for (let row = 0; row < many && world.list.length < most; row += 1) world.insert(at);
}

/**
 * One row goes and another comes, both beyond the first page: that one stays as it was, total and
 * all.
 */
export function replaceFar(
  world: World,
  random: () => number,
  { direction, cap = 100 }: WalkPlan,
): void {
  const { list } = world;
  const far = list.length - cap - 2;
  if (far < 2) return;
  const at = () => Math.floor(random() * far) + (direction === 'forward' ? cap + 1 : 0);
  world.remove(at());
  world.insert(at());
}

/** Takes some of a stretch of rows. */
function thinOut(world: World, random: () => number, at: number): void {
  const from = Math.max(0, at - 60);
  for (let row = Math.min(world.list.length, from + 120) - 1; row >= from; row -= 1) {
    if (random() < 0.3) world.remove(row);
  }
}
