import { repeat, type SetTimer } from '#src/domain/clock.ts';
import type { RedisLink } from './redis-link.ts';
import { scriptOf } from './redis-script.ts';

/**
 * Time to live of a lease that is not renewed. A process that is too busy to renew its lease loses
 * it, and another replica makes the same call.
 */
export const leaseMs = 1000;

const renewMs = 300;

/** KEYS: lease. ARGV: token, time to live in milliseconds. */
const renew = scriptOf(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return {1}
`);

/** KEYS: lease. ARGV: token. */
const release = scriptOf(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return {1}
`);

export interface LeaseOptions {
  readonly link: Pick<RedisLink, 'run'>;
  readonly setTimer: SetTimer;
  readonly key: string;
  readonly token: string;
}

/**
 * Renews a lease that was acquired with this token, until the returned function is called. That
 * function deletes the lease, unless `isDeleted` says that a script has deleted it already.
 */
export function renewLease(options: LeaseOptions): (isDeleted: boolean) => Promise<void> {
  const { link, setTimer, key, token } = options;
  let isActive = true;
  const stop = repeat(setTimer, renewMs, () => {
    link.run(renew, [key], [token, leaseMs]).catch(() => {});
  });
  return async (isDeleted) => {
    if (!isActive) return;
    isActive = false;
    stop();
    if (!isDeleted) await link.run(release, [key], [token]).catch(() => {});
  };
}
