import { expect, test } from 'vitest';
import { readable, rows, unreadable } from '#test/support/faults/contradictions.ts';
import { askedOf, type Faulty, startBehind } from '#test/support/faults/faulty.ts';

const env = { FRESH_MS: '0' };
const ways = ['forward', 'backward'] as const;

const forward = `query ($at: String) { instances(first: 40, after: $at) {
  totalCount nodes { id } pageInfo { more: hasNextPage at: endCursor }
} }`;
const backward = `query ($at: String) { instances(last: 40, before: $at) {
  totalCount nodes { id } pageInfo { more: hasPreviousPage at: startCursor }
} }`;

/** Reads page after page, at most 15 of them; also the most upstream calls that one took. */
async function walk(server: Faulty, way: (typeof ways)[number]) {
  const ids: string[] = [];
  let [at, most, total]: [string | null, number, number] = [null, 0, 0];
  for (let page = 0; page < 15; page += 1) {
    const before = server.upstream.calls.length;
    const { data, errors } = await server.query(way === 'forward' ? forward : backward, { at });
    most = Math.max(most, server.upstream.calls.length - before);
    if (errors) return { ids, most, total, end: errors[0]?.extensions['code'] };
    const { nodes, pageInfo, totalCount } = data.instances;
    ids.push(...nodes.map(({ id }: { id: string }) => id));
    // An answer that is empty and goes on would keep a client for ever.
    expect(nodes.length > 0 || !pageInfo.more).toBe(true);
    if (!pageInfo.more) return { ids, most, total: totalCount, end: 'the end' };
    at = pageInfo.at;
  }
  return { ids, most, total, end: 'goes on' };
}

const inOrder = rows.map(({ id }) => String(id));

test.for(readable.flatMap(([name, vendor]) => ways.map((way) => [name, way, vendor] as const)))(
  'a vendor that gives %s is read to the end, %s, each row once',
  async ([, way, vendor]) => {
    const server = await startBehind(vendor, { env });
    const { ids, most, end } = await walk(server, way);
    expect(new Set(ids)).toEqual(new Set(inOrder));
    expect([ids.length, end]).toEqual([250, 'the end']);
    expect(most).toBeLessThanOrEqual(8);
  },
);

test.for(unreadable.flatMap(([name, vendor]) => ways.map((way) => [name, way, vendor] as const)))(
  'a vendor that gives %s gets 8 calls of one read at most, %s, and no row comes twice',
  async ([, way, vendor]) => {
    const server = await startBehind(vendor, { env });
    const { ids, most, end } = await walk(server, way);
    expect(most).toBeLessThanOrEqual(8);
    expect(new Set(ids).size).toBe(ids.length);
    expect(end).toMatch(/^(the end|goes on|RATE_LIMITED|UPSTREAM_INVALID_RESPONSE)$/);
  },
);

/** A vendor of three rows, which reports this of them. */
const reporting = (pagination: object) =>
  startBehind(
    (request, response) => {
      const { offset, limit } = askedOf(request);
      const data = rows.slice(0, 3).slice(offset, offset + limit);
      response.end(JSON.stringify({ success: true, data, pagination }));
    },
    { env },
  );
const billion = 1_000_000_000;

test.each(['first', 'last'])(
  'a total of a billion with three rows and no more is answered: %s',
  async (argument) => {
    const server = await reporting({ total: billion, hasMore: false });
    const read = `{ instances(${argument}: 5) { totalCount nodes { id } pageInfo { hasNextPage } } }`;
    for (const _ of [1, 2]) {
      const { data, errors } = await server.query(read);
      expect(errors).toBeUndefined();
      expect(data.instances).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: false } });
      expect(data.instances.nodes).toHaveLength(3);
    }
    expect(server.upstream.calls).toHaveLength(2);
  },
);

test.each(['first: 5', 'last: 5'])(
  'a total of a billion with three rows and more is an invalid response: %s',
  async (argument) => {
    const server = await reporting({ total: billion, hasMore: true });
    for (const _ of [1, 2]) {
      const before = server.upstream.calls.length;
      const { data, errors } = await server.query(`{ instances(${argument}) { totalCount } }`);
      expect(data).toEqual({ instances: null });
      // To wait and try again would not help.
      expect(errors?.[0]?.extensions).toEqual({ code: 'UPSTREAM_INVALID_RESPONSE' });
      expect(server.upstream.calls.length - before).toBeLessThanOrEqual(8);
    }
  },
);

test.each([
  { total: -5 },
  { total: 1 },
  { total: '1e9' },
  { total: 2, hasMore: 'no' },
  { total: 3, hasMore: true },
])(
  'rows that contradict their pagination are answered in both directions: %j',
  async (pagination) => {
    const server = await reporting(pagination);
    for (const argument of ['first', 'last']) {
      const { data } = await server.query(
        `{ instances(${argument}: 5) { totalCount nodes { id } } }`,
      );
      expect(data.instances).toMatchObject({ totalCount: 3 });
      expect(data.instances.nodes).toHaveLength(3);
    }
  },
);

const nodes = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';

test.for([...readable, ...unreadable])(
  'of a vendor that gives %s, 60 unknown ids cost a few pages and about as many calls by id, and what is left is told to come back',
  async ([name, vendor]) => {
    const server = await startBehind(vendor, { env });
    const ids = Array.from({ length: 60 }, (_, index) => `none_${index}`);
    const { data, errors } = await server.query(nodes, { ids });
    expect(data.nodes).toEqual(ids.map(() => null));
    const codes = new Set((errors ?? []).map(({ extensions }) => extensions['code']));
    expect([...codes].filter((code) => code !== 'RATE_LIMITED')).toEqual([]);
    // What the first page says decides how many: 2 for each that it reports, and 6; and 1 by id,
    // and 6.
    const calls = name === 'one row at a time' ? 2 * 250 + 6 + ids.length : 12 + ids.length;
    expect(server.upstream.calls.length).toBeLessThanOrEqual(calls);
  },
);

test.for([1, 100, 1000, 2 ** 31 - 1])(
  'what is asked for by id is answered at once where the vendor reports %i rows',
  async (total) => {
    const server = await startBehind((request, response) => {
      if (request.url?.includes('?')) {
        const data = rows.slice(0, 100);
        response.end(JSON.stringify({ data, pagination: { total, hasMore: true } }));
      } else response.end(JSON.stringify({ data: { id: 'inst_240', name: 'A' } }));
    });
    await server.query('{ instances { totalCount } }');
    const startedAt = performance.now();
    const { data } = await server.query('{ instance(id: "inst_240") { name } }');
    expect(data).toEqual({ instance: { name: 'A' } });
    expect(performance.now() - startedAt).toBeLessThan(1000);
  },
);
