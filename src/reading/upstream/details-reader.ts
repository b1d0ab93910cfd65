import { Failure } from '#src/domain/failure.ts';
import type { InstanceDetails } from '#src/domain/instance-details.ts';
import type { TrackEntries } from '#src/domain/memory-usage.ts';
import type { Enviaai } from '#src/enviaai/client/instances.ts';
import type { RecentWrites } from '#src/reading/written/recent-writes.ts';
import type { Dispatch } from './dispatch.ts';
import type { ReadRequest } from './read-request.ts';
import { createSingleFlight } from './single-flight.ts';

export interface DetailsReaderParts {
  readonly enviaai: Pick<Enviaai, 'status'>;
  readonly dispatch: Dispatch;
  readonly writes: Pick<RecentWrites, 'lastAt'>;
  readonly track?: TrackEntries | undefined;
}

/**
 * Reads the status endpoint of an instance, in single-flight: nothing of it is cached. Null: there
 * is no such instance.
 */
export function createDetailsReader({ enviaai, dispatch, writes, track }: DetailsReaderParts) {
  const flights = createSingleFlight<InstanceDetails | null>(track);

  const read = (request: ReadRequest, id: string) =>
    dispatch({ ...request, hasOwnScope: true }, async ({ again, ticket }) => {
      const details = await enviaai.status({ ...request, again, ticket }, id);
      return () => details;
    });

  return async (request: ReadRequest, id: string): Promise<InstanceDetails | null> => {
    // A call in flight from before a write does not show it.
    const key = `${request.tenant} ${writes.lastAt(request.tenant)} ${id}`;
    try {
      return await flights.join(key, request.signal, (signal) => read({ ...request, signal }, id))
        .result;
    } catch (failure) {
      if (failure instanceof Failure && failure.upstreamCode === 'instance_not_found') return null;
      throw failure;
    }
  };
}
