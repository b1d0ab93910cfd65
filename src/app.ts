import type { GraphQLSchema } from 'graphql';
import { type Config, ConfigError } from './config/config.ts';
import { readManifests } from './config/manifests.ts';
import { type Clock, systemClock } from './domain/clock.ts';
import { Failure } from './domain/failure.ts';
import { type Budget, createBudget } from './enviaai/budget.ts';
import { type CallReport, createEnviaai, type Enviaai } from './enviaai/client/instances.ts';
import { complexityError } from './graphql/complexity/complexity.ts';
import { type Context, createContext } from './graphql/context.ts';
import { cacheControlOf, tailOf, withCost } from './graphql/cost-extension.ts';
import { maskError } from './graphql/errors.ts';
import { createSubgraphSchema } from './graphql/schema.ts';
import { createCallers } from './http/auth/callers.ts';
import type { ContextRequest } from './http/operation/operation-request.ts';
import { createReachability, type Reachability } from './enviaai/reachability.ts';
import { createHttp } from './http/server.ts';
import { documentProblem, type TrustedDocuments } from './http/operation/trusted-documents.ts';
import { createSharedReads } from './reading/upstream/shared-reads.ts';
import { tenantOf } from './domain/tenant.ts';
import { createReadSession, type ReadSessionOptions } from './reading/session/read-session.ts';
import { withServerKeyErrors } from './reading/upstream/server-key-errors.ts';
import { createIsCurrent } from './reading/validation/is-current.ts';
import { createSearchCheckpoints } from './reading/session/search-checkpoints.ts';
import { startSandbox } from './sandbox/sandbox.ts';
import { createMemoryStore } from './store/memory/memory-pages.ts';
import type { PageStore } from './store/page-store.ts';
import type { SharedPages } from './store/shared-pages.ts';
import { createStores, type Stores } from './store/stores.ts';
import { count } from './telemetry/count.ts';
import type { Log } from './telemetry/log.ts';
import { createMetrics, type Metrics } from './telemetry/metrics.ts';
import type { Tracing } from './telemetry/tracing.ts';

export interface App {
  readonly listen: () => Promise<{ readonly url: string }>;
  /** Finishes what has begun, then lets everything go. */
  readonly close: () => Promise<void>;
}

/** Of `CACHE_MAX_MB`: for answers, which are quickly made again; the rest is for the pages that they are made from. */
const answersShare = 0.25;

export interface AppOptions {
  readonly log: Log;
  /** The machine's, but for tests. */
  readonly clock?: Clock;
  /** The clock that replicas share: Redis's own, but for tests. */
  readonly sharedNow?: () => number;
  /** The graph, created if not given: tests share one, as a graph is slow to create. */
  readonly schema?: GraphQLSchema;
  /** Without this, nothing is traced. */
  readonly tracing?: Pick<Tracing, 'operation'> | undefined;
}

/**
 * The map: every part is made here, once, and handed to the next. Rejects with a
 * {@link ConfigError} over manifests that cannot be used.
 */
export async function createApp(config: Config, options: AppOptions): Promise<App> {
  const { log, clock = systemClock, schema = createSubgraphSchema() } = options;
  const trusted = await trustedOf(config, schema);
  const metrics = createMetrics();
  const upstream = await upstreamOf(config);
  const stores = storesOf(config, upstream, { ...options, clock, metrics });
  const reachability = createReachability({ baseUrl: upstream.baseUrl, now: clock.now });
  const budget = createBudget({
    store: stores.budget,
    ratePerMinute: config.ratePerMinute,
    now: clock.now,
  });
  const enviaai = createEnviaai({
    baseUrl: upstream.baseUrl,
    timeoutMs: config.timeoutMs,
    now: clock.now,
    onCall: (report) => hear({ budget, reachability, metrics }, report),
  });
  const store = createMemoryStore(config.cacheMaxBytes * (1 - answersShare));
  const contextOf = contextsOf(config, {
    enviaai,
    budget,
    store,
    shared: stores.shared,
    clock,
    metrics,
  });
  const anonymousKey = config.auth.kind === 'passthrough' ? upstream.anonymousKey : null;
  const callers = createCallers({
    ...config,
    anonymousKey,
    limit: stores.callerLimit,
    log,
    now: clock.now,
  });
  const http = createHttp<Context>({
    schema,
    trusted,
    contextOf,
    check: (operation) => complexityError(operation, config.limits),
    maskError: maskError,
    log,
    withExtensions: (result, context) => withCost(result, context.cost()),
    callers,
    options: { ...config, presetKey: anonymousKey },
    reachability: reachability.last,
    store: stores.state,
    costOf: (context) => context.cost(),
    cache: {
      maxBytes: config.cacheMaxBytes * answersShare,
      tenantOf,
      currentCost: createIsCurrent({ store, now: clock.now, freshMs: config.freshMs }),
      validatorOf: (context) => context.validator(),
      revalidate: (context, validator) => context.revalidate(validator),
      tailOf,
      onHit: metrics.reused,
    },
    cacheControlOf: (cost) => cacheControlOf(cost, config.freshMs, clock.now()),
    finished: (operation, cost) => {
      log.info(operation, 'operation');
      count(metrics, operation, cost, clock.now());
    },
    metrics: metrics.page,
    trace: options.tracing?.operation,
  });
  metrics.observe({
    pages: () => store.usage(),
    answers: http.cachedResponsesBytes,
    storeUp: () => stores.state() !== 'local',
  });

  return {
    async listen() {
      callers.start();
      await Promise.all([reachability.start(), stores.start()]);
      return http.listen(config.listen);
    },
    async close() {
      reachability.stop();
      await http.close(config.requestTimeoutMs);
      await enviaai.close();
      stores.stop();
      await upstream.close();
    },
  };
}

/** The documents that clients may name by their hash; null: none. */
async function trustedOf(config: Config, schema: GraphQLSchema): Promise<TrustedDocuments | null> {
  const { trustedDocuments, limits, introspection } = config;
  if (trustedDocuments.mode === 'off') return null;
  const { documents, problems } = await readManifests(trustedDocuments.path);
  const unfit = [...documents.values()].flatMap((document) => {
    const problem = documentProblem(schema, document, { limits, introspection, suggestions: true });
    return problem === null ? [] : [`${document.file}: ${problem}`];
  });
  const wrong = [...problems, ...unfit].map((problem) => `TRUSTED_DOCUMENTS: ${problem}`);
  if (wrong.length > 0) throw new ConfigError(wrong);
  const texts = new Map([...documents].map(([id, { text }]) => [id, text]));
  return { texts, only: trustedDocuments.mode === 'only' };
}

interface Upstream {
  readonly baseUrl: URL;
  /** The key of a caller who presents none; null: such a caller has none. */
  readonly anonymousKey: string | null;
  readonly close: () => Promise<void>;
}

async function upstreamOf({ upstream }: Config): Promise<Upstream> {
  if (upstream.kind === 'live') {
    return { baseUrl: upstream.baseUrl, anonymousKey: null, close: async () => {} };
  }
  const sandbox = await startSandbox(upstream);
  return { baseUrl: new URL(sandbox.url), anonymousKey: 'sandbox', close: () => sandbox.close() };
}

function storesOf(
  config: Config,
  { baseUrl }: Upstream,
  parts: AppOptions & { readonly clock: Clock; readonly metrics: Metrics },
): Stores {
  const { log, clock, sharedNow, metrics } = parts;
  return createStores({
    redisUrl: config.redisUrl,
    upstream: baseUrl,
    now: clock.now,
    sharedNow,
    usableMs: Math.max(config.freshMs, config.staleMs),
    timeoutMs: config.timeoutMs,
    callerRatePerMinute: config.callerRatePerMinute,
    changed(isUp) {
      if (isUp) log.info('Redis is there: pages and budgets are shared');
      else log.warn('Redis is away: going alone, with a share of the budget, until it is back');
    },
    failed: metrics.storeFailed,
  });
}

interface Hearers {
  readonly budget: Budget;
  readonly reachability: Reachability;
  readonly metrics: Metrics;
}

/** Every call's outcome teaches the budget, and tells whether the upstream can be reached. */
function hear(to: Hearers, report: CallReport): void {
  to.metrics.called(report);
  void to.budget.learn(report.caller.tenant, report);
  if (report.status !== null) to.reachability.report('reachable');
  else if (report.outcome === 'unavailable') to.reachability.report('unreachable');
}

interface ReadingParts {
  readonly enviaai: Enviaai;
  readonly budget: Budget;
  readonly store: PageStore;
  readonly shared: SharedPages | undefined;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

function contextsOf(config: Config, parts: ReadingParts): (request: ContextRequest) => Context {
  const { freshMs, staleMs } = config;
  const { budget, store, clock, metrics } = parts;
  const made = createSharedReads({
    ...parts,
    joined: () => metrics.saved('in_flight'),
    joinedReplica: () => metrics.saved('replica'),
    waited: metrics.waited,
    denied: metrics.denied,
  });
  const calls = config.auth.kind === 'passthrough' ? made : withServerKeyErrors(made);
  const unfinished = createSearchCheckpoints(clock, staleMs);
  const options: ReadSessionOptions = { calls, budget, store, unfinished, clock, freshMs, staleMs };
  return (request) => {
    const { apiKey } = request;
    const session =
      apiKey instanceof Failure
        ? apiKey
        : createReadSession(options, {
            ...request,
            apiKey,
            tenant: tenantOf(apiKey),
            signal: request.signal(),
          });
    return createContext({ session, maxIds: config.limits.ids });
  };
}
