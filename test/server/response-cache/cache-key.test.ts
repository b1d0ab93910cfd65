import { expect, test } from 'vitest';
import {
  dataOf,
  fullList,
  type CachingServer,
  startCaching,
} from '#test/support/response-cache/caching-server.ts';

test('each key gets its own cached responses', async () => {
  const server = await startCaching();
  server.sandbox.control.add({ key: 'two', instance: { name: 'Only of two' } });
  const ask = (key: string) => server.query(fullList, {}, { authorization: `Bearer ${key}` });
  const [one, two] = [await ask('one'), await ask('two')];
  expect([one.data.instances.totalCount, two.data.instances.totalCount]).toEqual([3, 4]);
  for (const later of [0, 2001]) {
    server.clock.advance(later);
    for (const [key, first] of [['one', one] as const, ['two', two] as const]) {
      const again = await ask(key);
      expect(again.data.instances.edges.map(({ node }: { node: object }) => node)).toEqual(
        first.data.instances.edges.map(({ node }: { node: object }) => node),
      );
    }
  }
  expect(await server.hits()).toBe(4);
  expect([server.calls('one'), server.calls('two')].map((calls) => calls.length)).toEqual([2, 2]);
  // Without a key, or with another key, no cached response is served.
  const withoutKey = await server.query(fullList, {}, { authorization: '' });
  expect(withoutKey.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  const three = await ask('three');
  expect([three.data.instances.totalCount, three.extensions?.enviaai?.calls]).toEqual([3, 1]);
});

test('a cached response is sent with the requested media type', async () => {
  const server = await startCaching();
  const accepts = [
    'application/json',
    'application/graphql-response+json',
    '*/*',
    'application/graphql-response+json; charset=utf-8, application/json;q=0.9',
  ];
  const types = async () => {
    const seen: (string | null)[] = [];
    for (const accept of accepts) {
      const { headers } = await server.query(fullList, {}, { accept });
      seen.push(headers.get('content-type'));
    }
    return seen;
  };
  const first = await types();
  expect(first.slice(0, 2)).toEqual([
    'application/json; charset=utf-8',
    'application/graphql-response+json; charset=utf-8',
  ]);
  expect(await types()).toEqual(first);
  // All but the first: the response is cached once, whatever its media type.
  expect(await server.hits()).toBe(2 * accepts.length - 1);
  expect(server.calls()).toHaveLength(1);
});

test('each of many Accept headers gets its media type', async () => {
  const server = await startCaching();
  for (let round = 0; round < 2; round += 1) {
    for (let each = 0; each < 20; each += 1) {
      const kind = each % 2 ? 'application/graphql-response+json' : 'application/json';
      const { status, headers } = await server.query(
        fullList,
        {},
        { accept: `${kind}; v=${each}` },
      );
      expect([status, headers.get('content-type')]).toEqual([200, `${kind}; charset=utf-8`]);
    }
  }
  expect(server.calls()).toHaveLength(1);
});

/** Posts these parameters; a string is the body. */
async function post({ url }: CachingServer, params: object | string) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer test' },
    body: typeof params === 'string' ? params : JSON.stringify(params),
  });
  const answer = (await response.json()) as {
    data?: { instances: { nodes: unknown[] } };
    errors?: { extensions: object }[];
  };
  return { status: response.status, ...answer };
}

const pages =
  'query ($a: Int, $b: Int) { a: instances(first: $a) { nodes { id } } b: instances(first: $b) { nodes { id } } }';

test('the cache key has the name, value and absence of each variable', async () => {
  const server = await startCaching({ instances: 60 });
  const asks: [object, number, number][] = [
    [{ a: 1, b: 2 }, 1, 2],
    [{ a: 2, b: 1 }, 2, 1],
    [{ b: 2, a: 1 }, 1, 2],
    [{ a: 12 }, 12, 50],
    [{ a: 1, b: null }, 1, 50],
    [{ b: 12 }, 50, 12],
    [{}, 50, 50],
  ];
  for (const round of [1, 2]) {
    for (const [variables, a, b] of asks) {
      const { data } = await server.query(pages, variables);
      expect([data.a.nodes.length, data.b.nodes.length], JSON.stringify(variables)).toEqual([a, b]);
    }
    expect(await server.hits()).toBe(round === 1 ? 0 : asks.length);
  }
  expect(server.calls()).toHaveLength(1);
});

test('the cache key distinguishes null from absence, and a list from a single value', async () => {
  const server = await startCaching({ instances: 60 });
  const byDefault = 'query ($n: Int = 3) { instances(first: $n) { nodes { id } } }';
  const byIds = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
  for (let round = 0; round < 2; round += 1) {
    const sizes = [];
    for (const variables of [{}, { n: null }, { n: 3 }, { n: 4 }]) {
      sizes.push((await server.query(byDefault, variables)).data.instances.nodes.length);
    }
    expect(sizes).toEqual([3, 50, 3, 4]);
    const ids = [];
    for (const variables of [{ ids: ['inst_abc123'] }, { ids: 'inst_abc123' }, { ids: [] }]) {
      ids.push((await server.query(byIds, variables)).data.nodes);
    }
    expect(ids).toEqual([[{ id: 'inst_abc123' }], [{ id: 'inst_abc123' }], []]);
  }
});

test('the cache key has the operation name and the document', async () => {
  const server = await startCaching({ instances: 60 });
  const two =
    'query A { instances(first: 1) { nodes { id } } } query B { instances(first: 2) { nodes { id } } }';
  const named = async (operationName: string) =>
    (await post(server, { query: two, operationName })).data?.instances.nodes.length;
  for (let round = 0; round < 3; round += 1) {
    expect([await named('A'), await named('B')]).toEqual([1, 2]);
    const { data } = await server.query('{ instances(first: 1) { nodes { id } } }');
    const { data: other } = await server.query('{ instances(first: 2) { nodes { id } } }');
    expect([data.instances.nodes.length, other.instances.nodes.length]).toEqual([1, 2]);
  }
  expect(await server.hits()).toBe(8);
  const { errors } = await server.query(two);
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }]);
  expect(server.calls()).toHaveLength(1);
});

test('the cache key has the variables of @include', async () => {
  const server = await startCaching();
  const ask = async (full: boolean) =>
    dataOf(
      await server.query(
        'query ($full: Boolean!) { instances { totalCount nodes @include(if: $full) { id } } }',
        { full },
      ),
    );
  const [without, withNodes] = [await ask(false), await ask(true)];
  expect(without).toBe('{"data":{"instances":{"totalCount":3}}');
  expect(withNodes).toContain('inst_abc123');
  for (let round = 0; round < 3; round += 1) {
    expect([await ask(false), await ask(true)]).toEqual([without, withNodes]);
  }
  expect(await server.hits()).toBe(6);
});

test('an unknown operation name does not get the response of the anonymous operation', async () => {
  const server = await startCaching();
  const query = '{ instances { nodes { id } } }';
  for (let times = 0; times < 2; times += 1) {
    expect((await post(server, { query })).data?.instances.nodes).toHaveLength(3);
    expect((await post(server, { query: `\n${query}` })).data?.instances.nodes).toHaveLength(3);
    for (const params of [
      { query, operationName: '\n' },
      { query, operationName: 'Other' },
    ]) {
      const { status, data, errors } = await post(server, params);
      expect([status, data]).toEqual([400, undefined]);
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }]);
    }
  }
});

test('a number beyond the range of doubles does not get the response for null', async () => {
  const server = await startCaching();
  const query = 'query ($n: Int) { instances(first: $n) { nodes { id } } }';
  for (let times = 0; times < 2; times += 1) {
    const valid = await post(server, { query, variables: { n: null } });
    expect(valid.data?.instances.nodes).toHaveLength(3);
    for (const n of ['1e400', '-1e400']) {
      const body = `{"query":${JSON.stringify(query)},"variables":{"n":${n}}}`;
      const { status, errors } = await post(server, body);
      expect(status).toBe(400);
      expect(errors).toMatchObject([
        { extensions: { code: 'BAD_USER_INPUT', variable: 'n', argument: 'first' } },
      ]);
    }
  }
  expect(await server.hits()).toBe(1);
});
