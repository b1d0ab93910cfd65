import type { RateLimit as RateLimitModel } from '#src/domain/rate-limit.ts';
import { builder } from '#src/graphql/builder.ts';

const RateLimit = builder.objectRef<RateLimitModel>('RateLimit');

RateLimit.implement({
  description:
    "What EnviaAI allows the caller's API key: requests a minute, shared by all who use the key.",
  shareable: true,
  fields: (t) => ({
    limit: t.exposeInt('limit', { description: 'Requests in one window (a minute).' }),
    remaining: t.exposeInt('remaining', {
      description: 'Requests left in this window when EnviaAI last answered.',
    }),
    resetAt: t.field({
      type: 'DateTime',
      description: 'When the window ends and `remaining` starts again at `limit`.',
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
      "The caller's budget at EnviaAI, as its last answer told; asking costs no request. Null when it is not known, or the window it spoke of has ended.",
    resolve: (_, __, { session }) => {
      const { phases, rateLimit } = session();
      return phases.run('budget', async () => rateLimit());
    },
  }),
);
