import { Counter, type Registry } from 'prom-client';

/** The other systems that the server connects to. */
export type Dependency = 'enviaai' | 'redis' | 'jwks';

export interface DependencyMetrics {
  /** Counts a failed connection or request. The reason is one of a closed set. */
  readonly countDependencyFailure: (dependency: Dependency, reason: string) => void;
}

export function createDependencyMetrics(registry: Registry): DependencyMetrics {
  const failures = new Counter({
    name: 'enviaai_dependency_failures_total',
    help: 'Failures of connections to EnviaAI, Redis and the token issuer, by reason.',
    labelNames: ['dependency', 'reason'],
    registers: [registry],
  });
  return {
    countDependencyFailure: (dependency, reason) => failures.inc({ dependency, reason }),
  };
}
