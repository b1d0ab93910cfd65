import { Failure } from '#src/domain/failure.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import type { Window } from '#src/reading/list/read-window.ts';

/** The arguments of `instances`, after graphql-js coerced them. */
export interface InstancesArguments {
  readonly status?: Exclude<StatusFilter, 'all'> | null | undefined;
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

const defaultCount = 50;
const maxCount = 100;

/**
 * Returns the window that the arguments describe. Throws `bad-input` with a message for the client.
 */
export function windowOf({ status, first, after, last, before }: InstancesArguments): Window {
  const filter = status ?? 'all';
  if (isGiven(first) && isGiven(last)) reject('last', 'Pass either `first` or `last`, not both.');
  if (isGiven(after) && isGiven(before)) {
    reject('before', 'Pass either `after` or `before`, not both.');
  }

  if (isGiven(last) || isGiven(before)) {
    if (isGiven(after)) reject('after', 'Pass `after` with `first`. With `last`, pass `before`.');
    if (isGiven(first)) reject('before', 'Pass `before` with `last`. With `first`, pass `after`.');
    return { filter, direction: 'backward', count: countOf('last', last), cursor: before ?? null };
  }
  return { filter, direction: 'forward', count: countOf('first', first), cursor: after ?? null };
}

function isGiven<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}

function countOf(argument: 'first' | 'last', count: number | null | undefined): number {
  if (!isGiven(count)) return defaultCount;
  if (count >= 1 && count <= maxCount) return count;
  return reject(argument, `\`${argument}\` must be a number from 1 to ${maxCount}.`);
}

function reject(argument: string, message: string): never {
  throw new Failure('bad-input', message, { argument });
}
