import { Failure } from '#src/domain/failure.ts';
import { createInstanceById, type InstanceById } from '#src/loaders/instance-by-id.ts';
import { createInstanceWindow, type InstanceWindow } from '#src/loaders/instance-window.ts';
import type { ReadCost } from '#src/reading/session/read-cost.ts';
import type { ReadSession } from '#src/reading/session/read-session.ts';
import type { Validator } from '#src/reading/session/validator.ts';
import { revalidate, type Revalidated } from '#src/reading/validation/revalidate.ts';

/** What the resolvers of one operation share. */
export interface Context {
  /** Throws for a caller who may not read. An operation that reads nothing never calls it. */
  readonly session: () => ReadSession;
  readonly instanceById: InstanceById;
  readonly instanceWindow: InstanceWindow;
  /** Upper bound on the ids of one list (`MAX_IDS`). */
  readonly maxIds: number;
  /** What the operation has cost so far; null: nothing was read. */
  readonly cost: () => ReadCost | null;
  /** Null: the response is not cacheable. */
  readonly validator: () => Validator | null;
  /** Whether a cached response may be reused; null: the operation must be executed. */
  readonly revalidate: (validator: Validator) => Promise<Revalidated | null>;
}

export interface ContextParts {
  /** Or why the caller may not read. */
  readonly session: ReadSession | Failure;
  readonly maxIds: number;
}

export function createContext({ session: sessionOrFailure, maxIds }: ContextParts): Context {
  const isFailure = sessionOrFailure instanceof Failure;
  const recorder = isFailure ? null : sessionOrFailure.recorder;
  const session = () => {
    if (isFailure) throw sessionOrFailure;
    return sessionOrFailure;
  };
  return {
    session,
    instanceById: createInstanceById(session),
    instanceWindow: createInstanceWindow(session),
    maxIds,
    cost: () => recorder?.cost() ?? null,
    validator: () => recorder?.validator() ?? null,
    revalidate: (validator) => revalidate(session(), validator),
  };
}
