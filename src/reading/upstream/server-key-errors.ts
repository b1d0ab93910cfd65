import { Failure } from '#src/domain/failure.ts';
import type { SharedReads } from './shared-reads.ts';

/** The calls of a server that holds the key itself: that the vendor refuses it is no caller's doing. */
export const withServerKeyErrors = (calls: SharedReads): SharedReads => ({
  ...calls,
  page: (...asked) => calls.page(...asked).catch(blameKey),
  single: (...asked) => calls.single(...asked).catch(blameKey),
});

function blameKey(error: unknown): never {
  if (!(error instanceof Failure)) throw error;
  if (error.kind !== 'unauthorized' && error.kind !== 'forbidden') throw error;
  throw new Failure('own-key', 'The vendor refused the key of this server', error);
}
