import { Failure } from '#src/domain/failure.ts';
import { createIsCurrent } from '#src/reading/validation/is-current.ts';
import { revalidate } from '#src/reading/validation/revalidate.ts';
import { type Validator } from '#src/reading/session/validator.ts';
import { readWindow, type Window } from '#src/reading/list/read-window.ts';
import type { World } from './world.ts';

/** A window as it is told: in list order, with the cursor to go on from. */
export interface Told {
  readonly ids: readonly string[];
  readonly more: boolean;
  /** Null: there is no row to go on from. */
  readonly cursor: string | null;
  readonly asOf: number;
  /** It was not made, but told again. */
  readonly reused: boolean;
}

export interface Reader {
  /** The window, or that the place was not found yet. */
  read(window: Window): Promise<Told | Failure>;
}

/** Reads every window anew. */
export const createReader = (world: World): Reader => ({
  read: async (window) => {
    const made = await make(world.operation(), window, world);
    return made instanceof Failure ? made : made.told;
  },
});

/** Tells what it told before, where that holds: as finished answers are served again. */
export function createReusingReader(world: World): Reader {
  const stands = createIsCurrent({ ...world, now: world.clock.now });
  const kept = new Map<string, { readonly told: Told; readonly validator: Validator }>();

  return {
    async read(window) {
      const key = JSON.stringify(window);
      const known = kept.get(key);
      const standing = known && stands('tenant', known.validator);
      if (standing) return { ...known.told, asOf: standing.asOf ?? 0, reused: true };

      const operation = world.operation();
      const held = known && (await revalidate(operation, known.validator));
      if (held) {
        const { cursor } = known.told;
        const reissued = cursor === null ? null : (held.reissued.get(cursor) ?? cursor);
        const asOf = operation.cost()?.asOf ?? 0;
        const told = { ...known.told, cursor: reissued, asOf, reused: true };
        kept.set(key, { told, validator: held.validator });
        return told;
      }
      const made = await make(operation, window, world);
      if (made instanceof Failure) return made;
      const { told, validator } = made;
      if (validator) kept.set(key, { told, validator });
      return told;
    },
  };
}

async function make(
  operation: ReturnType<World['operation']>,
  window: Window,
  { clock }: World,
): Promise<{ readonly told: Told; readonly validator: Validator | null } | Failure> {
  try {
    const { edges, hasNextPage, hasPreviousPage } = await readWindow(operation, window);
    const forward = window.direction === 'forward';
    const told: Told = {
      ids: edges.map(({ row }) => row.key),
      more: forward ? hasNextPage : hasPreviousPage,
      cursor: edges.at(forward ? -1 : 0)?.cursor() ?? null,
      asOf: operation.cost()?.asOf ?? clock.now(),
      reused: false,
    };
    return { told, validator: operation.validator() };
  } catch (failure) {
    if (failure instanceof Failure && failure.kind === 'rate-limited') return failure;
    throw failure;
  }
}
