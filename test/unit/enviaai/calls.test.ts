import { expect, test } from 'vitest';
import { parseInstanceResponse, parseListResponse } from '#src/enviaai/client/instances.ts';
import { always, startUpstream } from '#test/support/upstream.ts';
import { adapt, caller, failureOf, firstPage, pageOf } from '#test/support/enviaai/adapter.ts';
import { documentedInstances, documentedPage } from '#test/support/enviaai/documented.ts';

const one = (id: string) => ({ success: true, data: { id, name: 'A' } });

test('every field of the documented example is parsed', async () => {
  const { enviaai } = await adapt(always(200, documentedPage));
  const response = await enviaai.list(caller, firstPage);
  expect(response.rows.map(({ instance }) => instance)).toEqual(documentedInstances);
  expect(response.rows.map(({ key }) => key)).toEqual([
    'inst_abc123',
    'inst_def456',
    'inst_ghi789',
  ]);
  expect(response).toMatchObject({ total: 3, hasMore: false });
});

test('a response by id is parsed to one instance', async () => {
  const [data] = JSON.parse(documentedPage).data;
  const { enviaai } = await adapt(always(200, { success: true, data }));
  const { row } = await enviaai.get(caller, 'inst_abc123');
  expect(row).toEqual({ key: 'inst_abc123', instance: documentedInstances[0] });
});

test('a list request has status, limit, offset and the key, and accepts JSON', async () => {
  const { enviaai, upstream } = await adapt(always(200, pageOf([])));
  await enviaai.list(caller, { status: 'connecting', limit: 100, offset: 90 });
  expect(upstream.calls).toMatchObject([
    {
      method: 'GET',
      path: '/v1/instances?status=connecting&limit=100&offset=90',
      headers: {
        authorization: 'Bearer sk_live_secret',
        accept: 'application/json',
        'accept-encoding': 'gzip, deflate, br',
        'x-request-id': 'req-1',
        'user-agent': 'enviaai-graphql',
      },
    },
  ]);
});

test.each([
  ['', '/instances/inst_1'],
  ['/', '/instances/inst_1'],
  ['/v1', '/v1/instances/inst_1'],
  ['/v1/', '/v1/instances/inst_1'],
  ['/a%20b/v1//', '/a%20b/v1/instances/inst_1'],
])('a base URL with the path "%s" is called at %s', async (path, called) => {
  const { enviaai, upstream } = await adapt(always(200, one('inst_1')), { path });
  await enviaai.get(caller, 'inst_1');
  expect(upstream.calls.map((call) => call.path)).toEqual([called]);
});

test.each([
  ['../messages', '/v1/instances/..%2Fmessages'],
  ['a/b', '/v1/instances/a%2Fb'],
  ['a?limit=1#x', '/v1/instances/a%3Flimit%3D1%23x'],
  ['a\r\nhost: b', '/v1/instances/a%0D%0Ahost%3A%20b'],
  ['ação 😀', '/v1/instances/a%C3%A7%C3%A3o%20%F0%9F%98%80'],
])('the id %j is one segment of the path', async (id, path) => {
  const { enviaai, upstream } = await adapt(always(200, one(id)));
  expect((await enviaai.get(caller, id)).row?.key).toBe(id);
  expect(upstream.calls.map((call) => call.path)).toEqual([path]);
});

test.each(['', '.', '..', '\uD800'])('the id %j names nothing and costs no call', async (id) => {
  const { enviaai, upstream, reports } = await adapt(always(200, one(id)));
  expect((await enviaai.get(caller, id)).row).toBeNull();
  expect(upstream.calls).toEqual([]);
  expect(reports).toEqual([]);
});

test('a response with another instance is malformed', async () => {
  const { enviaai } = await adapt(always(200, one('inst_2')));
  expect(await failureOf(enviaai.get(caller, 'inst_1'))).toMatchObject({ kind: 'malformed' });
});

test('a response with equal bytes is the known one itself', async () => {
  const { enviaai } = await adapt(always(200, documentedPage));
  const first = await enviaai.list(caller, firstPage);
  const again = await enviaai.list(caller, firstPage, first);
  expect(again).toBe(first);
  expect(await enviaai.list(caller, firstPage)).not.toBe(first);
});

test('a response with other bytes is parsed', async () => {
  const pages = [pageOf([{ id: 'inst_1', name: 'A' }]), pageOf([{ id: 'inst_1', name: 'B' }])];
  const { enviaai } = await adapt((_, response) => {
    response.end(JSON.stringify(pages.shift()));
  });
  const first = await enviaai.list(caller, firstPage);
  const second = await enviaai.list(caller, firstPage, first);
  expect(second.rows.map(({ instance }) => instance?.name)).toEqual(['B']);
});

test('responses to unknown ids have equal bytes, whatever their request id', async () => {
  let count = 0;
  const { enviaai, reports } = await adapt((_, response) => {
    const error = { code: 'instance_not_found', requestId: `req_${++count}` };
    response.writeHead(404).end(JSON.stringify({ success: false, error }));
  });
  const first = await enviaai.get(caller, 'inst_1');
  const again = await enviaai.get(caller, 'inst_1', { ...first });
  expect(again.bytes.equals(first.bytes)).toBe(true);
  expect(again.row).toBeNull();
  expect(reports).toMatchObject([
    { kind: 'get', outcome: 'not-found', status: 404, upstreamRequestId: 'req_1' },
    { kind: 'get', outcome: 'not-found', status: 404, upstreamRequestId: 'req_2' },
  ]);
});

test('a response can be parsed again from its bytes', async () => {
  const rows = [{ id: 'inst_1', name: 'A' }, { name: 'no id' }, 7];
  const { enviaai } = await adapt((request, response) => {
    if (request.url?.includes('inst_none')) response.writeHead(404);
    const none = { error: { code: 'instance_not_found' } };
    const body = request.url?.includes('?') ? pageOf(rows) : none;
    response.end(JSON.stringify(body));
  });
  const page = await enviaai.list(caller, firstPage);
  expect(parseListResponse(page.bytes, firstPage)).toEqual(page);
  const none = await enviaai.get(caller, 'inst_none');
  expect(parseInstanceResponse(none.bytes)).toEqual(none);
});

test('responses are deeply frozen', async () => {
  const { enviaai } = await adapt(
    always(200, pageOf([{ id: 'inst_1', name: 'A', webhookEvents: ['x'], settings: {} }])),
  );
  const response = await enviaai.list(caller, firstPage);
  const [row] = response.rows;
  for (const part of [response, response.rows, row, row?.instance, row?.instance?.webhookEvents]) {
    expect(Object.isFrozen(part)).toBe(true);
  }
});

test('every call is reported once', async () => {
  const { enviaai, reports } = await adapt(always(200, pageOf([])));
  await enviaai.list(caller, firstPage);
  expect(reports).toEqual([
    {
      caller,
      kind: 'list',
      outcome: 'ok',
      status: 200,
      durationMs: expect.any(Number),
      rate: null,
      retryAfterMs: null,
      upstreamCode: null,
      upstreamRequestId: null,
    },
  ]);
});

test('concurrent calls get their own responses', async () => {
  const { enviaai } = await adapt((request, response) => {
    const id = request.url?.split('/').at(-1) ?? '';
    setTimeout(() => response.end(JSON.stringify(one(id))), Math.random() * 20);
  });
  const ids = Array.from({ length: 300 }, (_, index) => `inst_${index}`);
  const responses = await Promise.all(ids.map((id) => enviaai.get(caller, id)));
  expect(responses.map(({ row }) => row?.key)).toEqual(ids);
});

test('closing waits for the calls in flight, and rejects later ones', async () => {
  const upstream = await startUpstream((_, response) => {
    setTimeout(() => response.end(JSON.stringify(pageOf([]))), 50);
  });
  const { enviaai } = await adapt(always(200, ''), { baseUrl: upstream.url });
  const inFlight = enviaai.list(caller, firstPage);
  await Promise.all([enviaai.close(), enviaai.close()]);
  expect((await inFlight).rows).toEqual([]);
  expect(await failureOf(enviaai.list(caller, firstPage))).toMatchObject({ kind: 'unavailable' });
  await upstream.close();
});
