import type { World } from './world.ts';

export interface RoundTrips<T> {
  readonly result: T;
  /** The calls that were in flight together, one list for each round trip. */
  readonly waves: readonly (readonly string[])[];
}

/** Everything that needs no answer of the upstream has happened. */
const quiescence = () => new Promise((resolve) => setImmediate(resolve));

/**
 * Runs a read while the upstream answers no call until no other can come: the number of waves is
 * the number of round trips that the read waits for. Each one takes `latencyMs`.
 */
export async function inRoundTrips<T>(
  world: World,
  read: () => Promise<T>,
  latencyMs = 0,
): Promise<RoundTrips<T>> {
  let held: (() => void)[] = [];
  world.latency = () => new Promise((resolve) => void held.push(resolve));
  const waves: string[][] = [];
  let isDone = false;
  let seen = world.calls.length;
  const reading = read().finally(() => (isDone = true));
  for (;;) {
    await quiescence();
    if (held.length === 0) break;
    waves.push(world.calls.slice(seen));
    seen = world.calls.length;
    world.clock.advance(latencyMs);
    for (const answer of held.splice(0)) answer();
  }
  if (!isDone) await quiescence();
  world.latency = async () => {};
  return { result: await reading, waves };
}
