import { connectionReasons } from '#src/domain/connection-reason.ts';
import type { UpstreamFailureKind, WriteFailureKind } from '#src/domain/failure.ts';
import type { Purpose } from '#src/enviaai/budget.ts';
import { routes } from '#src/enviaai/client/call-kinds.ts';
import { errorCodes } from '#src/graphql/error-codes.ts';
import { jwksReasons } from '#src/http/auth/jwks.ts';
import { webhookOutcomes } from '#src/http/routes/webhooks.ts';
import { streamEnds } from '#src/http/stream/open-stream.ts';
import { redisReasons } from '#src/store/redis/redis-reason.ts';
import type { LabelValues } from '#src/telemetry/metrics.ts';

// Records, so that the compiler finds a missing value.

const outcomes = {
  ok: true,
  'not-found': true,
  unauthorized: true,
  forbidden: true,
  'bad-input': true,
  'rate-limited': true,
  timeout: true,
  unavailable: true,
  refused: true,
  malformed: true,
  'outcome-unknown': true,
} satisfies Record<'ok' | 'not-found' | UpstreamFailureKind | WriteFailureKind, true>;

const purposes = {
  write: true,
  required: true,
  demanded: true,
  refresh: true,
  live: true,
} satisfies Record<Purpose, true>;

/** The closed sets of the layers: the values that labels of the metrics can have. */
export const labelValues: LabelValues = {
  kinds: Object.keys(routes),
  outcomes: Object.keys(outcomes),
  purposes: Object.keys(purposes),
  codes: errorCodes,
  streamEnds,
  webhookOutcomes,
  reasons: { enviaai: connectionReasons, redis: redisReasons, jwks: jwksReasons },
};
