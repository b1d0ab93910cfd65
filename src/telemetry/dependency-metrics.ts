import { Counter, type Registry } from 'prom-client';

const dependencies = ['enviaai', 'redis', 'jwks'] as const;

/** The other systems that the server connects to. */
export type Dependency = (typeof dependencies)[number];

export interface DependencyMetrics {
  /** Counts a failed connection or request. The reason is one of a closed set. */
  readonly countDependencyFailure: (dependency: Dependency, reason: string) => void;
}

export function createDependencyMetrics(
  registry: Registry,
  reasons: Readonly<Record<Dependency, readonly string[]>>,
): DependencyMetrics {
  const failures = new Counter({
    name: 'enviaai_dependency_failures_total',
    help: 'Failures of connections to EnviaAI, Redis and the token issuer, by reason.',
    labelNames: ['dependency', 'reason'],
    registers: [registry],
  });
  for (const dependency of dependencies) {
    for (const reason of reasons[dependency]) failures.inc({ dependency, reason }, 0);
  }
  return {
    countDependencyFailure: (dependency, reason) => failures.inc({ dependency, reason }),
  };
}
