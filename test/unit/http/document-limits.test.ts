import { getIntrospectionQuery } from 'graphql';
import { expect, test } from 'vitest';
import { startHttp } from '#test/support/http/start-http.ts';

const over = (limit: string) => ({
  status: 400,
  errors: [{ extensions: { code: 'LIMIT_EXCEEDED', limit } }],
});
const nested = (levels: number) =>
  `${'{ thing '.repeat(levels - 1)} { name } ${'}'.repeat(levels - 1)}`;

test('a document at every limit is served, one step further is refused by name', async () => {
  const limits = { bodyBytes: 10_000, tokens: 40, depth: 3, aliases: 2, directives: 1 };
  const { refused } = await startHttp({ options: { limits } });

  const words = (count: number) => `{ ${'__typename '.repeat(count)} }`;
  expect(await refused('{ thing { self { name } } }')).toMatchObject({ status: 200 });
  expect(await refused('{ thing { self { self { name } } } }')).toMatchObject(over('MAX_DEPTH'));

  expect(await refused('{ a: hello b: hello }')).toMatchObject({ status: 200 });
  expect(await refused('{ a: hello b: hello c: hello }')).toMatchObject(over('MAX_ALIASES'));
  expect(await refused('{ thing { a: name b: name } }')).toMatchObject(over('MAX_ALIASES'));
  expect(await refused('{ hello apiKey must(id: 1) }')).toMatchObject(over('MAX_ALIASES'));

  expect(await refused('{ hello @skip(if: false) }')).toMatchObject({ status: 200 });
  expect(await refused('query @a @b { hello }')).toMatchObject(over('MAX_DIRECTIVES'));

  expect(await refused(words(39))).toMatchObject(over('MAX_TOKENS'));
});

test('what a fragment holds counts wherever it is spread', async () => {
  const limits = { bodyBytes: 10_000, tokens: 500, depth: 4, aliases: 4, directives: 3 };
  const { refused } = await startHttp({ options: { limits } });

  const deep = 'fragment F on Thing { self { self { self { name } } } }';
  expect(await refused(`{ thing { ...F } } ${deep}`)).toMatchObject(over('MAX_DEPTH'));

  const aliases = 'fragment F on Query { a: hello b: hello ...G } fragment G on Query { c: hello }';
  expect(await refused(`{ ...F ...G } ${aliases}`)).toMatchObject({ status: 200 });
  expect(await refused(`{ ...F ...G hello } ${aliases}`)).toMatchObject(over('MAX_ALIASES'));

  const skips = 'fragment F on Query { hello @skip(if: false) apiKey @include(if: true) }';
  expect(await refused(`{ ...F } ${skips}`)).toMatchObject({ status: 200 });
  expect(await refused(`{ ... { ...F } ...F } ${skips}`)).toMatchObject(over('MAX_DIRECTIVES'));
});

test('a fragment bomb is refused in the time it takes to read it', async () => {
  const { refused } = await startHttp();
  const levels = Array.from({ length: 60 }, (_, level) => {
    const next = level < 59 ? `...F${level + 1} ...F${level + 1}` : 'x: name';
    return `fragment F${level} on Thing { ${next} }`;
  });
  // Unfolded, 2 to the power of 59 aliases.
  expect(await refused(`{ thing { ...F0 } } ${levels.join(' ')}`)).toMatchObject(
    over('MAX_ALIASES'),
  );
});

test('fragments that spread each other are refused, not followed', async () => {
  const { refused } = await startHttp();
  const circle = 'fragment A on Thing { self { ...B } } fragment B on Thing { ...A }';
  expect(await refused(`{ thing { ...A } } ${circle}`)).toMatchObject({
    errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
  });
});

test('a document as deep as a body can hold is refused, and takes nothing down', async () => {
  const limits = { bodyBytes: 2_000_000, tokens: 1_000_000, depth: 15, aliases: 9, directives: 9 };
  const { refused } = await startHttp({ options: { limits } });
  for (const levels of [1000, 5000, 100_000]) {
    expect(await refused(nested(levels))).toMatchObject(over('MAX_DEPTH'));
  }
  const list = `{ hello(name: ${'['.repeat(100_000)}${']'.repeat(100_000)}) }`;
  expect(await refused(list)).toMatchObject(over('MAX_DEPTH'));
});

test('tools can still read the schema within the default limits', async () => {
  const { refused } = await startHttp();
  const { errors } = await refused(getIntrospectionQuery({ descriptions: true }));
  expect(errors).toBeUndefined();
});
