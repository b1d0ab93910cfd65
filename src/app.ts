import type { GraphQLSchema } from 'graphql';
import { createContexts } from './app/create-contexts.ts';
import { graphiqlKeyOf } from './app/graphiql-key.ts';
import { labelValues } from './app/label-values.ts';
import { loadTrustedDocuments } from './app/load-trusted-documents.ts';
import { createWebhooks, webhookAccountsOf } from './app/create-webhooks.ts';
import { createKeyFetch } from './app/key-fetch.ts';
import {
  type ConnectionReport,
  createConnectionReport,
  createRedisReport,
} from './app/report-failures.ts';
import { startUpstream, type Upstream } from './app/start-upstream.ts';
import type { Config } from './config/config.ts';
import { packageVersion } from './config/version.ts';
import { type Clock, systemClock } from './domain/clock.ts';
import { type Budget, createBudget } from './enviaai/budget.ts';
import { type CallReport, createEnviaai, longestCallMs } from './enviaai/client/instances.ts';
import { createReachability, type Reachability } from './enviaai/reachability.ts';
import { complexityError } from './graphql/complexity/complexity.ts';
import type { Context } from './graphql/context.ts';
import { cacheControlOf, tailOf, withCost } from './graphql/cost-extension.ts';
import { maskError } from './graphql/errors.ts';
import { assertMayRun } from './graphql/require-caller.ts';
import { createSubgraphSchema } from './graphql/schema.ts';
import { createCallers } from './http/auth/callers.ts';
import { createHttpServer } from './http/server.ts';
import { createLinkAttempts } from './reading/live/lines/link-attempts.ts';
import { createCurrentCost } from './reading/validation/is-current.ts';
import { createMemoryPageStore } from './store/memory/memory-pages.ts';
import { createStores, type Stores } from './store/stores.ts';
import type { Log } from './telemetry/log.ts';
import { createMetrics, type Metrics } from './telemetry/metrics.ts';
import { recordOperation } from './telemetry/record-operation.ts';
import type { Tracing } from './telemetry/tracing.ts';

export interface App {
  readonly listen: () => Promise<{ readonly url: string }>;
  /** Answers the requests that have begun, then releases every resource. */
  readonly close: () => Promise<void>;
}

/** Shares of `CACHE_MAX_MB`. Responses are made again from pages, so pages get the most. */
const cacheShares = { pages: 0.625, responses: 0.25, checkpoints: 0.125 };

export interface AppOptions {
  readonly log: Log;
  /** The machine's clock except in tests. */
  readonly clock?: Clock;
  /** The clock that replicas share: that of Redis except in tests. */
  readonly sharedNow?: () => number;
  /** Waits before a retry, in milliseconds; a real timer except in tests. */
  readonly pause?: (ms: number) => Promise<unknown>;
  /** 0 to 1, for the end of streams; `Math.random` except in tests. */
  readonly random?: () => number;
  /** By default, a new one. Tests share a schema, because it is slow to create. */
  readonly schema?: GraphQLSchema;
  /** Without this, nothing is traced. */
  readonly tracing?: Pick<Tracing, 'operation'> | undefined;
}

/**
 * The map of the server: creates every part once and passes it to the next. Rejects with a
 * `ConfigError` for trusted documents that cannot be used.
 */
export async function createApp(config: Config, options: AppOptions): Promise<App> {
  const { log, clock = systemClock, schema = createSubgraphSchema() } = options;
  const version = packageVersion();
  const trustedDocuments = await loadTrustedDocuments(config, schema);
  const webhookAccounts = webhookAccountsOf(config);
  const metrics = createMetrics({
    version,
    labelValues,
    trustedNames: trustedDocuments?.operationNames ?? [],
  });
  const upstream = await startUpstream(config);
  const stores = storesOf(config, upstream, { ...options, clock, metrics });
  const reportConnection = createConnectionReport({ log, metrics });
  const reachability = createReachability({
    baseUrl: upstream.baseUrl,
    proxy: config.proxies.upstream,
    now: clock.now,
    onProbe: reportConnection,
  });
  const budget = createBudget({
    store: stores.budget,
    ratePerMinute: config.ratePerMinute,
    callMs: longestCallMs(config.timeoutMs),
    now: clock.now,
    track: metrics.memory.trackEntries,
  });
  const enviaai = createEnviaai({
    baseUrl: upstream.baseUrl,
    proxy: config.proxies.upstream,
    timeoutMs: config.timeoutMs,
    now: clock.now,
    wall: clock.wall,
    onUnreadable: metrics.countUnreadable,
    onCall: (report) => observeCall({ budget, reachability, metrics, reportConnection }, report),
  });
  const store = createMemoryPageStore(config.cacheMaxBytes * cacheShares.pages);
  const { contextOf, checkpointsBytes, applyWrite } = createContexts(config, {
    enviaai,
    budget,
    store,
    shared: stores.shared,
    sharedWrites: stores.writes,
    actions: stores.actions,
    attempts: createLinkAttempts(clock, metrics.memory.trackEntries),
    checkpointsMaxBytes: config.cacheMaxBytes * cacheShares.checkpoints,
    clock,
    pause: options.pause,
    metrics,
  });
  const webhooks = createWebhooks(webhookAccounts, { applyWrite, clock, metrics, log });
  const anonymousKey = config.auth.kind === 'passthrough' ? upstream.anonymousKey : null;
  const keyFetch = createKeyFetch(config.proxies.jwks, config.timeoutMs);
  const callers = createCallers({
    ...config,
    fetchKeys: keyFetch.fetchKeys,
    anonymousKey,
    limit: stores.callerLimit,
    log,
    clock,
    onKeysFailure: (reason) => metrics.countDependencyFailure('jwks', reason),
  });
  const http = createHttpServer<Context>({
    version,
    schema,
    trustedDocuments,
    contextOf,
    check: (operation) => complexityError(operation, config.limits),
    maskError,
    log,
    withExtensions: (result, context) => withCost(result, context.cost(), clock.wall()),
    callers,
    options: {
      ...config,
      graphiqlKey: graphiqlKeyOf(config.auth, anonymousKey),
      isOpen: config.auth.kind === 'none' || anonymousKey !== null,
    },
    reachability: reachability.state,
    storeState: stores.state,
    costOf: (context) => context.cost(),
    cache: {
      maxBytes: config.cacheMaxBytes * cacheShares.responses,
      currentCost: createCurrentCost({
        store,
        now: clock.now,
        remaining: (tenant) => budget.rateLimit(tenant)?.remaining ?? null,
        freshMs: config.freshMs,
      }),
      validatorOf: (context) => context.validator(),
      revalidate: (context, validator) => context.revalidate(validator),
      tailOf: (cost) => tailOf(cost, clock.wall()),
      wallAheadMs: () => clock.wall().aheadMs,
      join: (context) => context.join(),
      onHit: metrics.countCacheHit,
      onExecution: metrics.countExecution,
      onJoin: metrics.countJoin,
      onSavedCalls: (calls) => metrics.countSavedCalls('in_flight', calls),
    },
    live: {
      limits: config.live,
      assertMayRun,
      clock,
      random: options.random ?? Math.random,
      events: { onEvent: metrics.countStreamEvent, onEnd: metrics.countStreamEnd },
    },
    cacheControlOf: (cost) => cacheControlOf(cost, config.freshMs, clock.now()),
    onFinished: (operation, cost) => {
      log.operation(operation);
      recordOperation(metrics, operation, cost, clock.now());
    },
    onFault: metrics.countFault,
    readMetrics: metrics.page,
    webhooks,
    ...metrics.memory,
    startSpan: options.tracing?.operation,
  });
  metrics.observeStreams(http.streams);
  const { trackBytes } = metrics.memory;
  trackBytes('pages', () => store.usage().bytes);
  trackBytes('responses', http.cachedResponsesBytes);
  trackBytes('searches', checkpointsBytes);
  metrics.observeDroppedLines(log.droppedLines);
  metrics.observeGauges({
    pages: () => store.usage(),
    responses: http.cachedResponsesBytes,
    checkpoints: checkpointsBytes,
    isStoreUp: () => stores.state() !== 'local',
  });

  return {
    async listen() {
      callers.prefetchKeys();
      await Promise.all([reachability.start(), stores.start()]);
      return http.listen(config.listen);
    },
    async close() {
      reachability.stop();
      await http.close(config.requestTimeoutMs);
      await Promise.all([enviaai.close(), keyFetch.close(), webhooks.close()]);
      stores.stop();
      await upstream.close();
    },
  };
}

function storesOf(
  config: Config,
  { baseUrl }: Upstream,
  parts: AppOptions & { readonly clock: Clock; readonly metrics: Metrics },
): Stores {
  const { log, clock, sharedNow, metrics } = parts;
  return createStores({
    redisUrl: config.redisUrl,
    redisSentinels: config.redisSentinels,
    redisClusterNodes: config.redisClusterNodes,
    upstream: baseUrl,
    now: clock.now,
    sharedNow,
    usableMs: Math.max(config.freshMs, config.staleMs),
    timeoutMs: config.timeoutMs,
    callerRatePerMinute: config.callerRatePerMinute,
    ...createRedisReport({ log, metrics }),
    onCommandFailure: metrics.countStoreFailure,
    track: metrics.memory.trackEntries,
  });
}

interface CallObservers {
  readonly budget: Budget;
  readonly reachability: Reachability;
  readonly metrics: Metrics;
  readonly reportConnection: ConnectionReport;
}

/** Passes the outcome of an upstream call to the metrics, the budget and the reachability. */
function observeCall(to: CallObservers, report: CallReport): void {
  to.metrics.countCall(report);
  if (report.reason) to.reportConnection(report.reason);
  else if (report.status !== null) to.reportConnection(null);
  void to.budget.learn(report.caller.tenant, report);
  if (report.status !== null) to.reachability.report('reachable');
  else if (report.outcome === 'unavailable') to.reachability.report('unreachable');
}
