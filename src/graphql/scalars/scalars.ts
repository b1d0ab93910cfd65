import { builder } from '#src/graphql/builder.ts';

// Both are only ever given out: the domain holds them as text that was checked when it was read.

builder.scalarType('DateTime', {
  description: 'A moment: ISO 8601 in UTC with milliseconds, such as `2026-01-01T10:00:00.000Z`.',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time.html',
  serialize: (value) => value,
});

builder.scalarType('URL', {
  description: 'An absolute http or https address, as text.',
  specifiedByURL: 'https://url.spec.whatwg.org/',
  serialize: (value) => value,
});
