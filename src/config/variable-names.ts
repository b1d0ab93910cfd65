/** Variables that begin like this belong to this server. Others may be of any program. */
const ourPrefix = /^(?:ENVIAAI|FRESH|LIVE|STALE|SANDBOX|TRUSTED_DOCUMENTS)_/;

/** Kubernetes sets these for a Service that is called enviaai-…. */
const ofKubernetes =
  /_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?)?)$/;

/**
 * One line for each variable that is probably meant for this server, and is not read: one with a
 * prefix of ours, or one that differs in few letters from a variable of the server.
 */
export function unknownVariables(
  names: readonly string[],
  known: readonly string[],
): readonly string[] {
  return names.flatMap((name) => {
    if (known.includes(name)) return [];
    if (known.includes(name.replace(/_FILE$/, ''))) {
      return [`${name}: this variable cannot be read from a file.`];
    }
    const isOurs = ourPrefix.test(name) && !ofKubernetes.test(name);
    const meant = nearest(name, known, isOurs ? 5 : maxTypos(name));
    if (meant !== null) return [`${name}: is not a variable of this server. Is ${meant} meant?`];
    return isOurs ? [`${name}: is not a variable of this server.`] : [];
  });
}

/** Short names are similar by chance: `HOST` and `COST`. */
function maxTypos(name: string): number {
  if (name.length < 6) return 0;
  return name.length < 10 ? 1 : 2;
}

/** Null: no known name differs in at most `maxDistance` letters. */
function nearest(name: string, known: readonly string[], maxDistance: number): string | null {
  const distances = known.map((other) => [other, distanceOf(plain(name), plain(other))] as const);
  const [best] = distances
    .filter(([, distance]) => distance <= maxDistance)
    .toSorted(([, a], [, b]) => a - b);
  return best?.[0] ?? null;
}

const plain = (name: string): string => name.toUpperCase().replaceAll(/[_-]/g, '');

/** The letters to insert, remove or replace (Levenshtein distance). */
function distanceOf(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of from.split('').entries()) {
    const next = [index + 1];
    for (const [at, other] of to.split('').entries()) {
      const replaced = (row[at] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
