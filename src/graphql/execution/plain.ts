import type { ExecutionResult } from 'graphql';
import { Made } from './made.ts';
import { type Earlier, Piece } from './pieces.ts';
import type { Outcome } from './run.ts';

/** What came of an operation, as the library gives it. */
export function resultOf({ data, errors }: Outcome, earlier?: Earlier): ExecutionResult {
  const plain = data && objectOf(data, earlier);
  return errors.length === 0 ? { data: plain } : { errors, data: plain };
}

const objectOf = ({ selection, values }: Made, earlier: Earlier | undefined) =>
  Object.fromEntries(
    selection.fields.map(({ key }, place) => [key, plainOf(values[place], earlier)]),
  );

function plainOf(value: unknown, earlier: Earlier | undefined): unknown {
  if (value instanceof Made) return objectOf(value, earlier);
  if (value instanceof Piece) return earlier && JSON.parse(earlier.textOf(value));
  return Array.isArray(value) ? value.map((each) => plainOf(each, earlier)) : value;
}
