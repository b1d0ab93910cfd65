import { builder } from '#src/graphql/builder.ts';

// Output only. The values are text that `enviaai/response/` has checked.

builder.scalarType('DateTime', {
  description:
    'A date and time in ISO 8601 format, in UTC with milliseconds, such as `2026-01-01T10:00:00.000Z`.',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time.html',
  serialize: (value) => value,
});

builder.scalarType('URL', {
  description: 'An absolute http or https URL.',
  specifiedByURL: 'https://url.spec.whatwg.org/',
  serialize: (value) => value,
});
