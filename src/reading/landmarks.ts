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
export function handOn(delivered: readonly number[], handed: readonly Landmark[]): Landmark[] {
  const own = delivered
    .toReversed()
    .map((short, distance) => ({ short, distance }))
    .slice(1);
  const all = [
    ...own,
    ...handed.map(({ short, distance }) => ({ short, distance: distance + delivered.length })),
  ];
  return distances.flatMap((distance) => {
    const candidates = all.filter(
      (mark) => mark.distance >= distance && mark.distance < distance * 2,
    );
    return candidates.toSorted((a, b) => b.distance - a.distance).slice(0, 1);
  });
}
