import { Failure } from '#src/domain/failure.ts';
import type { Dispatch } from './dispatch.ts';
import type { SharedReads } from './shared-reads.ts';

/**
 * The reads of a server that has the API key itself: a refused key is then the operator's fault,
 * not the caller's.
 */
export const withServerKeyErrors = (reads: SharedReads): SharedReads => ({
  ...reads,
  page: (...request) => reads.page(...request).catch(asServerKeyError),
  single: (...request) => reads.single(...request).catch(asServerKeyError),
  details: (...request) => reads.details(...request).catch(asServerKeyError),
});

/** The same for a dispatch, whose calls use the server's key. */
export const dispatchWithServerKeyErrors =
  (dispatch: Dispatch): Dispatch =>
  (request, send) =>
    dispatch(request, send).catch(asServerKeyError);

function asServerKeyError(error: unknown): never {
  if (!(error instanceof Failure)) throw error;
  if (error.kind !== 'unauthorized' && error.kind !== 'forbidden') throw error;
  throw new Failure('server-key', 'EnviaAI refused the key of this server', error);
}
