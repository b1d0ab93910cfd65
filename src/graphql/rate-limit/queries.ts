import type { RateLimit as RateLimitModel } from '#src/domain/rate-limit.ts';
import { builder } from '#src/graphql/builder.ts';
import { free } from '#src/graphql/upstream-cost.ts';

const RateLimit = builder.objectRef<RateLimitModel>('RateLimit');

RateLimit.implement({
  description:
    "EnviaAI's limit on the requests of an API key. All applications that use the key share it.",
  shareable: true,
  fields: (t) => ({
    limit: t.exposeInt('limit', {
      description: 'The number of requests that EnviaAI allows in one window of a minute.',
    }),
    remaining: t.exposeInt('remaining', {
      description:
        'The number of requests left in this window, as EnviaAI last reported it to any server of this graph.',
    }),
    resetAt: t.field({
      type: 'DateTime',
      description: 'When the window ends. Then `remaining` is equal to `limit` again.',
      resolve: ({ resetAtMs }) => new Date(resetAtMs).toISOString(),
    }),
  }),
});

builder.queryField('rateLimit', (t) =>
  t.field({
    type: RateLimit,
    nullable: true,
    shareable: true,
    inaccessible: true,
    description:
      "The rate limit of the caller's API key, as EnviaAI last reported it; this field sends no request. Null if it is not known, or if its window has ended.",
    extensions: { upstreamCost: free },
    resolve: (_, __, { session }) => {
      const { phases, rateLimit } = session();
      return phases.run('budget', rateLimit);
    },
  }),
);
