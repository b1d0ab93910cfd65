import type { InstanceStatus } from '#src/domain/instance.ts';
import { Failure } from '#src/domain/failure.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import type { Window } from '#src/reading/list/read-window.ts';

/** The arguments of `instances`, as GraphQL gives them. */
export interface InstancesArguments {
  readonly status?: InstanceStatus | null | undefined;
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

const defaultCount = 50;
const maxCount = 100;

/** The window that the arguments name, or a `bad-input` failure that says what is allowed. */
export function windowOf({ status, first, after, last, before }: InstancesArguments): Window {
  const filter = filterOf(status);
  if (given(first) && given(last)) wrong('last', 'Give either `first` or `last`, not both.');
  if (given(after) && given(before)) wrong('before', 'Give either `after` or `before`, not both.');

  if (given(last) || given(before)) {
    if (given(after)) wrong('after', '`after` goes with `first`; with `last`, give `before`.');
    if (given(first)) wrong('before', '`before` goes with `last`; with `first`, give `after`.');
    return { filter, direction: 'backward', count: countOf('last', last), cursor: before ?? null };
  }
  return { filter, direction: 'forward', count: countOf('first', first), cursor: after ?? null };
}

function given<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}

function countOf(argument: 'first' | 'last', count: number | null | undefined): number {
  if (!given(count)) return defaultCount;
  if (count >= 1 && count <= maxCount) return count;
  return wrong(argument, `\`${argument}\` takes a number from 1 to ${maxCount}.`);
}

function filterOf(status: InstanceStatus | null | undefined): StatusFilter {
  if (!given(status)) return 'all';
  if (status === 'qr_pending' || status === 'unknown') {
    wrong(
      'status',
      'EnviaAI can narrow a list to CONNECTED, DISCONNECTED or CONNECTING only; leave `status` out and pick by `Instance.status`.',
    );
  }
  return status;
}

function wrong(argument: string, message: string): never {
  throw new Failure('bad-input', message, { argument });
}
