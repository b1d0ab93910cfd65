/** A row delivered earlier in a walk: where to look when everything nearer is gone. */
export interface Landmark {
  readonly short: number;
  /** How many rows back it was delivered. */
  readonly distance: number;
}

/** Landmarks are kept about so many rows back, so that what may repeat is at most as long as what was lost. */
const distances = [4, 8, 16, 32, 64, 128, 256, 512];

/**
 * The landmarks of the last row delivered: from the rows of this window, and from what the cursor
 * it started at hands on. Nearest first; `distance` counts from the last row.
 *
 * For each distance the furthest row short of the next one is kept, so that a row grows old in its
 * place and then moves on to the next: with pages of one row, too, the far ones are there.
 */
export function nextLandmarks(
  delivered: readonly number[],
  handed: readonly Landmark[],
): Landmark[] {
  const last = delivered.length - 1;
  return distances.flatMap((nearest) => {
    const own = Math.min(nearest * 2 - 1, last);
    const short = own < nearest ? undefined : delivered[last - own];
    let furthest = short === undefined ? undefined : { short, distance: own };
    for (const mark of handed) {
      const distance = mark.distance + delivered.length;
      if (distance < nearest || distance >= nearest * 2) continue;
      if (distance > (furthest?.distance ?? 0)) furthest = { short: mark.short, distance };
    }
    return furthest ?? [];
  });
}
