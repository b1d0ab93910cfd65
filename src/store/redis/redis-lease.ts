import type { RedisLink } from './redis-link.ts';
import { scriptOf } from './redis-script.ts';

/** How long a lease outlives its holder. A process that is too busy to renew it loses it: then another calls too. */
export const leaseMs = 1000;

const renewMs = 300;

const renew = scriptOf(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return {1}
`);

const giveBack = scriptOf(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return {1}
`);

/** Keeps a lease alive until the function it returns is called, which gives it back, or not where it is gone already. */
export function holdLease(
  { run }: Pick<RedisLink, 'run'>,
  key: string,
  token: string,
): (isGone: boolean) => Promise<void> {
  let held = true;
  const timer = setInterval(() => {
    run(renew, [key], [token, leaseMs]).catch(() => {});
  }, renewMs).unref();
  return async (isGone) => {
    if (!held) return;
    held = false;
    clearInterval(timer);
    if (!isGone) await run(giveBack, [key], [token]).catch(() => {});
  };
}
