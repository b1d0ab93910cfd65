/**
 * Whether a JSON value contains more than `max` values: lists, objects and scalars, at any depth,
 * itself excluded. Visits at most `max` values. Not recursive: the value may be nested a million
 * levels deep.
 */
export function hasMoreValuesThan(max: number, json: unknown): boolean {
  let count = 0;
  const rest: object[] = [];
  const visit = (value: unknown): void => {
    if (typeof value === 'object' && value !== null) rest.push(value);
  };
  visit(json);
  for (let next = rest.pop(); next; next = rest.pop()) {
    if (Array.isArray(next)) {
      count += next.length;
      if (count > max) return true;
      next.forEach(visit);
      continue;
    }
    // Not `Object.values`: it would copy all values of an object that is too large.
    for (const name in next) {
      count += 1;
      if (count > max) return true;
      visit(Reflect.get(next, name));
    }
  }
  return false;
}
