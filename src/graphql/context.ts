import { Failure } from '#src/domain/failure.ts';
import { createInstanceById, type InstanceById } from '#src/loaders/instance-by-id.ts';
import { createInstanceWindow, type InstanceWindow } from '#src/loaders/instance-window.ts';
import type { Cost } from '#src/reading/cost.ts';
import type { Operation } from '#src/reading/operation.ts';

/** What the resolvers of one operation share. */
export interface Context {
  /** Throws `unauthorized` for a caller without a key: what reads nothing needs none. */
  readonly operation: () => Operation;
  readonly instanceById: InstanceById;
  readonly instanceWindow: InstanceWindow;
  /** Most ids that one list of them may hold (`MAX_IDS`). */
  readonly maxIds: number;
  /** What reading has cost so far; null when nothing was read. */
  readonly cost: () => Cost | null;
}

export interface ContextParts {
  /** Null: the caller presented no key. */
  readonly operation: Operation | null;
  readonly maxIds: number;
}

export function createContext({ operation: own, maxIds }: ContextParts): Context {
  const operation = () => {
    if (own) return own;
    throw new Failure('unauthorized', 'No API key was presented');
  };
  return {
    operation,
    instanceById: createInstanceById(operation),
    instanceWindow: createInstanceWindow(operation),
    maxIds,
    cost: () => own?.cost() ?? null,
  };
}
