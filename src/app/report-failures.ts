import type { ConnectionReason } from '#src/domain/connection-reason.ts';
import type { RedisReason } from '#src/store/redis/redis-reason.ts';
import type { Log } from '#src/telemetry/log.ts';
import type { Metrics } from '#src/telemetry/metrics.ts';

export interface ReportParts {
  readonly log: Pick<Log, 'info' | 'warn'>;
  readonly metrics: Pick<Metrics, 'countDependencyFailure'>;
}

/** Takes the outcome of a call or a probe of EnviaAI. Null: the connection worked. */
export type ConnectionReport = (reason: ConnectionReason | null) => void;

/**
 * Counts failed connections to EnviaAI, and logs each reason once until a connection works. So the
 * reason is logged although stale rows answered the operation.
 */
export function createConnectionReport({ log, metrics }: ReportParts): ConnectionReport {
  const logged = new Set<ConnectionReason>();
  return (reason) => {
    if (reason === null) return logged.clear();
    metrics.countDependencyFailure('enviaai', reason);
    if (logged.has(reason)) return;
    logged.add(reason);
    log.warn({ reason }, 'A connection to EnviaAI failed');
  };
}

export interface RedisReport {
  readonly onStateChange: (isUp: boolean) => void;
  readonly onFailure: (reason: RedisReason) => void;
}

/** Counts failures of Redis, and logs each reason once until Redis is available again. */
export function createRedisReport({ log, metrics }: ReportParts): RedisReport {
  const logged = new Set<RedisReason>();
  let latest: RedisReason | undefined;
  let isDown = false;
  return {
    onStateChange(isUp) {
      isDown = !isUp;
      logged.clear();
      if (isUp) {
        latest = undefined;
        log.info('Redis is available: replicas share pages and budgets');
        return;
      }
      if (latest) logged.add(latest);
      log.warn(
        { reason: latest },
        'Redis is not available: this replica uses its share of the budget until it is back',
      );
    },
    onFailure(reason) {
      latest = reason;
      metrics.countDependencyFailure('redis', reason);
      if (!isDown || logged.has(reason)) return;
      logged.add(reason);
      log.warn({ reason }, 'Redis is still not available');
    },
  };
}
