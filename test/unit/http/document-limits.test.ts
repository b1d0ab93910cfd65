import { getIntrospectionQuery } from 'graphql';
import { expect, test } from 'vitest';
import { defaults, startHttp } from '#test/support/http/start-http.ts';

const over = (limit: string) => ({
  status: 400,
  errors: [{ extensions: { code: 'LIMIT_EXCEEDED', limit } }],
});
const nested = (levels: number) =>
  `${'{ thing '.repeat(levels - 1)} { name } ${'}'.repeat(levels - 1)}`;

test('a document at each limit is executed, and one above it gets an error that names the limit', async () => {
  const limits = {
    ...defaults.limits,
    bodyBytes: 10_000,
    tokens: 40,
    depth: 3,
    aliases: 2,
    directives: 1,
  };
  const { send } = await startHttp({ options: { limits } });

  const words = (count: number) => `{ ${'__typename '.repeat(count)} }`;
  expect(await send('{ thing { self { name } } }')).toMatchObject({ status: 200 });
  expect(await send('{ thing { self { self { name } } } }')).toMatchObject(over('MAX_DEPTH'));

  expect(await send('{ a: hello b: hello }')).toMatchObject({ status: 200 });
  expect(await send('{ a: hello b: hello c: hello }')).toMatchObject(over('MAX_ALIASES'));
  expect(await send('{ thing { a: name b: name } }')).toMatchObject(over('MAX_ALIASES'));
  expect(await send('{ hello apiKey must(id: 1) }')).toMatchObject(over('MAX_ALIASES'));

  expect(await send('{ hello @skip(if: false) }')).toMatchObject({ status: 200 });
  expect(await send('query @a @b { hello }')).toMatchObject(over('MAX_DIRECTIVES'));

  expect(await send(words(39))).toMatchObject(over('MAX_TOKENS'));
});

test('the content of a fragment counts each time the fragment is spread', async () => {
  const limits = {
    ...defaults.limits,
    bodyBytes: 10_000,
    tokens: 500,
    depth: 4,
    aliases: 4,
    directives: 3,
  };
  const { send } = await startHttp({ options: { limits } });

  const deep = 'fragment F on Thing { self { self { self { name } } } }';
  expect(await send(`{ thing { ...F } } ${deep}`)).toMatchObject(over('MAX_DEPTH'));

  const aliases = 'fragment F on Query { a: hello b: hello ...G } fragment G on Query { c: hello }';
  expect(await send(`{ ...F ...G } ${aliases}`)).toMatchObject({ status: 200 });
  expect(await send(`{ ...F ...G hello } ${aliases}`)).toMatchObject(over('MAX_ALIASES'));

  const skips = 'fragment F on Query { hello @skip(if: false) apiKey @include(if: true) }';
  expect(await send(`{ ...F } ${skips}`)).toMatchObject({ status: 200 });
  expect(await send(`{ ... { ...F } ...F } ${skips}`)).toMatchObject(over('MAX_DIRECTIVES'));
});

test('an exponential fragment bomb is rejected in linear time', async () => {
  const { send } = await startHttp();
  const levels = Array.from({ length: 60 }, (_, level) => {
    const next = level < 59 ? `...F${level + 1} ...F${level + 1}` : 'x: name';
    return `fragment F${level} on Thing { ${next} }`;
  });
  // With fragments spread, 2 to the power of 59 aliases.
  expect(await send(`{ thing { ...F0 } } ${levels.join(' ')}`)).toMatchObject(over('MAX_ALIASES'));
});

test('fragments that spread each other are rejected', async () => {
  const { send } = await startHttp();
  const cycle = 'fragment A on Thing { self { ...B } } fragment B on Thing { ...A }';
  expect(await send(`{ thing { ...A } } ${cycle}`)).toMatchObject({
    errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
  });
});

test('a document that is nested as deeply as the body limit allows is rejected', async () => {
  const limits = {
    ...defaults.limits,
    bodyBytes: 2_000_000,
    tokens: 1_000_000,
    depth: 15,
    aliases: 9,
    directives: 9,
  };
  const { send } = await startHttp({ options: { limits } });
  for (const levels of [1000, 5000, 100_000]) {
    expect(await send(nested(levels))).toMatchObject(over('MAX_DEPTH'));
  }
  const list = `{ hello(name: ${'['.repeat(100_000)}${']'.repeat(100_000)}) }`;
  expect(await send(list)).toMatchObject(over('MAX_DEPTH'));
});

test('the introspection query of tools is within the default limits', async () => {
  const { send } = await startHttp();
  const { errors } = await send(getIntrospectionQuery({ descriptions: true }));
  expect(errors).toBeUndefined();
});
