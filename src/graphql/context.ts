import { Failure } from '#src/domain/failure.ts';
import { createInstanceById, type InstanceById } from '#src/loaders/instance-by-id.ts';
import { createInstanceWindow, type InstanceWindow } from '#src/loaders/instance-window.ts';
import type { ReadCost } from '#src/reading/session/read-cost.ts';
import type { ReadSession } from '#src/reading/session/read-session.ts';
import { revalidate, type Revalidated } from '#src/reading/validation/revalidate.ts';
import { type Validator } from '#src/reading/session/validator.ts';

/** What the resolvers of one operation share. */
export interface Context {
  /** Throws for a caller who may not read: what reads nothing needs no leave. */
  readonly session: () => ReadSession;
  readonly instanceById: InstanceById;
  readonly instanceWindow: InstanceWindow;
  /** Most ids that one list of them may hold (`MAX_IDS`). */
  readonly maxIds: number;
  /** What reading has cost so far; null when nothing was read. */
  readonly cost: () => ReadCost | null;
  /** What the answer can be kept with; null: it is not to be kept. */
  readonly validator: () => Validator | null;
  /** Whether an answer kept with this is the one that would be made; null: it has to be made. */
  readonly revalidate: (validator: Validator) => Promise<Revalidated | null>;
}

export interface ContextParts {
  /** Or why the caller may not read. */
  readonly session: ReadSession | Failure;
  readonly maxIds: number;
}

export function createContext({ session: sessionOrFailure, maxIds }: ContextParts): Context {
  const session = () => {
    if (sessionOrFailure instanceof Failure) throw sessionOrFailure;
    return sessionOrFailure;
  };
  return {
    session,
    instanceById: createInstanceById(session),
    instanceWindow: createInstanceWindow(session),
    maxIds,
    cost: () => (sessionOrFailure instanceof Failure ? null : sessionOrFailure.cost()),
    validator: () => (sessionOrFailure instanceof Failure ? null : sessionOrFailure.validator()),
    revalidate: (validator) => revalidate(session(), validator),
  };
}
