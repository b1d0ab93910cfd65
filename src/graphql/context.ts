import type { Acts } from '#src/acting/acts.ts';
import { Failure } from '#src/domain/failure.ts';
import type { Instance } from '#src/domain/instance.ts';
import { lazy } from '#src/domain/lazy.ts';
import type { InstanceChanges } from '#src/domain/instance-changes.ts';
import type { InstanceDetails } from '#src/domain/instance-details.ts';
import type { LiveSource } from '#src/domain/live-source.ts';
import type { QrEvent } from '#src/domain/qr-event.ts';
import { createInstanceById, type InstanceById } from '#src/loaders/instance-by-id.ts';
import { createInstanceWindow, type InstanceWindow } from '#src/loaders/instance-window.ts';
import type { RowsSubscription } from '#src/reading/live/rows/live-rows.ts';
import { type ReadCost, sumOfCosts } from '#src/reading/session/read-cost.ts';
import type { MayShare } from '#src/reading/session/session-joins.ts';
import type { ReadSession } from '#src/reading/session/read-session.ts';
import type { Validator } from '#src/reading/session/validator.ts';
import { revalidate, type Revalidated } from '#src/reading/validation/revalidate.ts';

/** What the resolvers of one operation share. */
export interface Context {
  /** Throws for a caller who may not read. An operation that reads nothing never calls it. */
  readonly session: () => ReadSession;
  readonly instanceById: InstanceById;
  readonly instanceWindow: InstanceWindow;
  /** The writes of the operation. Throws for a caller who may not write. */
  readonly acts: () => Acts;
  /** Reads an instance as it is after a write of this operation. Null: there is none. */
  readonly instanceAfterWrite: (id: string) => Promise<Instance | null>;
  /** What EnviaAI's status endpoint reports of an instance. Null: there is none. */
  readonly instanceDetails: (id: string) => Promise<InstanceDetails | null>;
  /** The QR codes of a line while it is linked. Throws for a caller who may not read. */
  readonly watchLinking: (id: string) => LiveSource<QrEvent>;
  /** Instances, and what changes. Throws for a caller who may not read. */
  readonly watchInstances: (subscription: RowsSubscription) => LiveSource<InstanceChanges>;
  /** Upper bound on the ids of one list (`MAX_IDS`). */
  readonly maxIds: number;
  /** What the operation has cost so far; null: nothing was read. */
  readonly cost: () => ReadCost | null;
  /** Null: the response is not cacheable. */
  readonly validator: () => Validator | null;
  /** Whether a cached response may be reused; null: the operation must be executed. */
  readonly revalidate: (validator: Validator) => Promise<Revalidated | null>;
  /** Whether an equal operation may share the response. Null: it must be executed separately. */
  readonly join: () => MayShare | null;
}

/** What one admitted caller may do. */
export interface CallerParts {
  /** A new session, whose reads show every write that was answered before. */
  readonly createSession: () => ReadSession;
  /** The writes, which are counted by the session; or why the caller may not write. */
  readonly createActs: (session: ReadSession) => Acts | Failure;
  readonly watchLinking: Context['watchLinking'];
  readonly watchInstances: Context['watchInstances'];
}

export interface ContextParts {
  /** Or why the caller may not read. */
  readonly caller: CallerParts | Failure;
  readonly maxIds: number;
}

export function createContext({ caller: callerOrFailure, maxIds }: ContextParts): Context {
  const caller = () => {
    if (callerOrFailure instanceof Failure) throw callerOrFailure;
    return callerOrFailure;
  };
  const first = callerOrFailure instanceof Failure ? null : callerOrFailure.createSession();
  const sessions = first ? [first] : [];
  const session = () => first ?? caller().createSession();
  const acts = lazy(() => caller().createActs(session()));
  return {
    session,
    instanceById: createInstanceById(session),
    instanceWindow: createInstanceWindow(session),
    acts() {
      const allowed = acts();
      if (allowed instanceof Failure) throw allowed;
      return allowed;
    },
    async instanceAfterWrite(id) {
      const after = caller().createSession();
      sessions.push(after);
      return createInstanceById(() => after).load(id);
    },
    async instanceDetails(id) {
      const { calls, recorder } = session();
      recorder.markUncacheable();
      return calls.details(id);
    },
    watchLinking: (id) => caller().watchLinking(id),
    watchInstances: (subscription) => caller().watchInstances(subscription),
    maxIds,
    cost: () => sumOfCosts(sessions.flatMap(({ recorder }) => recorder.cost() ?? [])),
    validator: () => first?.recorder.validator() ?? null,
    revalidate: (validator) => revalidate(session(), validator),
    join: () => session().join(),
  };
}
