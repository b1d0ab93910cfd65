/** A row delivered earlier in a walk. A search returns to it when every nearer row is gone. */
export interface Landmark {
  readonly shortHash: number;
  /** How many rows back it was delivered. */
  readonly distance: number;
}

/** Distances of landmarks, in rows: they double, so that no more rows repeat than were removed. */
const distances = [4, 8, 16, 32, 64, 128, 256, 512];

/**
 * The landmarks of the last row delivered, nearest first: from the rows of this window
 * (`delivered`, short hashes) and from those of the cursor at which the window started (`earlier`).
 *
 * For each distance the furthest row short of the next distance is chosen. A row so grows old in
 * its place and then moves on to the next one, and the far landmarks exist with windows of one row,
 * too.
 */
export function nextLandmarks(
  delivered: readonly number[],
  earlier: readonly Landmark[],
): Landmark[] {
  const last = delivered.length - 1;
  return distances.flatMap((nearest) => {
    const distanceHere = Math.min(nearest * 2 - 1, last);
    const shortHash = distanceHere < nearest ? undefined : delivered[last - distanceHere];
    let furthest = shortHash === undefined ? undefined : { shortHash, distance: distanceHere };
    for (const landmark of earlier) {
      const distance = landmark.distance + delivered.length;
      if (distance < nearest || distance >= nearest * 2) continue;
      if (distance > (furthest?.distance ?? 0)) furthest = { ...landmark, distance };
    }
    return furthest ?? [];
  });
}
