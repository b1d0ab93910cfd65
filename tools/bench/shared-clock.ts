import process from 'node:process';

/**
 * Milliseconds of the machine's monotonic clock. Unlike `performance.now`, all processes of the
 * machine have the same origin.
 */
export const sharedNow = (): number => Number(process.hrtime.bigint()) / 1e6;
