import { Failure } from '#src/domain/failure.ts';
import { readWindow, type Window } from '#src/reading/list/read-window.ts';
import type { ReadSession } from '#src/reading/session/read-session.ts';
import type { Validator } from '#src/reading/session/validator.ts';
import { createCurrentCost } from '#src/reading/validation/is-current.ts';
import { revalidate } from '#src/reading/validation/revalidate.ts';
import type { World } from './world.ts';

/** The response of a window: its rows in list order, and the cursor to continue from. */
export interface WindowResponse {
  readonly ids: readonly string[];
  readonly hasMore: boolean;
  /** Null: there is no row to continue from. */
  readonly cursor: string | null;
  readonly asOf: number;
  /** It was served from a cache of responses. */
  readonly isCached: boolean;
}

export interface WindowReader {
  /** The window, or that the place was not found yet. */
  read(window: Window): Promise<WindowResponse | Failure>;
}

/** Executes every read. */
export const createWindowReader = (world: World): WindowReader => ({
  read: async (window) => {
    const executed = await execute(world.session(), window, world);
    return executed instanceof Failure ? executed : executed.response;
  },
});

/** Serves a response again while its validator is current, as the response cache does. */
export function createCachingReader(world: World): WindowReader {
  const currentCost = createCurrentCost({ ...world, now: world.clock.now, remaining: () => null });
  const cache = new Map<
    string,
    { readonly response: WindowResponse; readonly validator: Validator }
  >();

  return {
    async read(window) {
      const key = JSON.stringify(window);
      const cached = cache.get(key);
      const current = cached && currentCost('tenant', cached.validator);
      if (current) return { ...cached.response, asOf: current.asOf ?? 0, isCached: true };

      const session = world.session();
      const revalidated = cached && (await revalidate(session, cached.validator));
      if (revalidated) {
        const { cursor } = cached.response;
        const at = cached.validator.walkStarts.findIndex((walk) => walk.cursor === cursor);
        const reissued = revalidated.validator.walkStarts[at]?.cursor ?? cursor;
        const asOf = session.recorder.cost()?.asOf ?? 0;
        const response = { ...cached.response, cursor: reissued, asOf, isCached: true };
        cache.set(key, { response, validator: revalidated.validator });
        return response;
      }
      const executed = await execute(session, window, world);
      if (executed instanceof Failure) return executed;
      const { response, validator } = executed;
      if (validator) cache.set(key, { response, validator });
      return response;
    },
  };
}

async function execute(
  session: ReadSession,
  window: Window,
  { clock }: World,
): Promise<{ readonly response: WindowResponse; readonly validator: Validator | null } | Failure> {
  try {
    const { edges, hasNextPage, hasPreviousPage } = await readWindow(session, window);
    const isForward = window.direction === 'forward';
    const response: WindowResponse = {
      ids: edges.map(({ row }) => row.key),
      hasMore: isForward ? hasNextPage : hasPreviousPage,
      cursor: edges.at(isForward ? -1 : 0)?.cursor() ?? null,
      asOf: session.recorder.cost()?.asOf ?? clock.now(),
      isCached: false,
    };
    return { response, validator: session.recorder.validator() };
  } catch (failure) {
    if (failure instanceof Failure && failure.kind === 'rate-limited') return failure;
    throw failure;
  }
}
