import { createServer } from 'node:http';
import {
  type ClientOptions,
  createClient,
  EnviaaiError,
  type ListOptions,
} from 'enviaai-graphql/client';
import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { start } from '#test/support/start.ts';
import { always, startUpstream } from '#test/support/upstream.ts';

const failed = async (promise: Promise<unknown>): Promise<EnviaaiError> => {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(EnviaaiError);
  return error as EnviaaiError;
};

/** The client's error for a response that is not from our server. */
async function errorFor(status: number, body: unknown, headers: Record<string, string> = {}) {
  const server = await startUpstream(always(status, body, headers));
  const error = await failed(clientOf(server.url.href).instances.list());
  await server.close();
  return error;
}

const clientOf = (url: string, options: Partial<ClientOptions> = {}) =>
  createClient({ url, token: 'test', retry: false, ...options });

test('the error of a refused key has a code, EnviaAI’s code, and the request’s id', async () => {
  const server = await start();
  const error = await failed(clientOf(server.url, { token: 'invalid' }).instances.list());
  expect(Object.assign({ message: error.message }, error)).toEqual({
    name: 'EnviaaiError',
    code: 'UNAUTHENTICATED',
    retryAfter: null,
    requestId: expect.stringMatching(/\S{8,}/),
    upstreamCode: 'invalid_api_key',
    path: ['instances'],
    userErrors: [],
    message: expect.stringContaining('EnviaAI refused this API key'),
  });
});

test('the error of a spent budget has the time until a retry', async () => {
  const server = await start({ clock: createTestClock() });
  server.sandbox.control.spend({ key: 'test', remaining: 0 });
  const error = await failed(clientOf(server.url).instances.get('inst_abc123'));
  expect(error).toMatchObject({ code: 'RATE_LIMITED', retryAfter: expect.any(Number) });
});

test('an invalid argument is BAD_USER_INPUT, without a call', async () => {
  const server = await start();
  expect(await failed(clientOf(server.url).instances.list({ first: 101 }))).toMatchObject({
    code: 'BAD_USER_INPUT',
  });
  expect(server.calls()).toEqual([]);
});

test.each(['CONNECTED', 'qr_pending', 'unknown', 'constructor', '', null])(
  'a status that cannot filter lists is refused, and never lists all: %j',
  async (status) => {
    const server = await start();
    const { instances } = clientOf(server.url);
    // From JavaScript, or from a URL: the compiler cannot check it.
    const options = { status } as unknown as ListOptions;
    const code = 'BAD_USER_INPUT';
    expect(await failed(instances.list(options))).toMatchObject({ code });
    expect(await failed(instances.all(options).next())).toMatchObject({ code });
    expect(server.calls()).toEqual([]);
  },
);

test.each([{}, { url: '' }, { url: undefined }])(
  'createClient throws without url: %j',
  (options) => {
    expect(() => createClient(options as ClientOptions)).toThrow('createClient needs `url`');
  },
);

test('an unreadable field is null, and its path is in errors; the rest of the row is complete', async () => {
  const row = { id: 'inst_1', name: 'One', status: 'connected', createdAt: 'some day' };
  const pagination = { total: 2, limit: 100, offset: 0, hasMore: false };
  const data = [row, { ...row, id: 'inst_2', createdAt: '2026-01-01T10:00:00.000Z' }];
  const upstream = await startUpstream(always(200, { success: true, data, pagination }));
  const server = await start({ upstream: upstream.url.href });

  const list = await clientOf(server.url).instances.list();

  expect(list.data.map(({ id, createdAt }) => [id, createdAt])).toEqual([
    ['inst_1', null],
    ['inst_2', '2026-01-01T10:00:00.000Z'],
  ]);
  expect(list.errors).toMatchObject([
    { code: 'UPSTREAM_INVALID_RESPONSE', path: ['instances', 'nodes', 0, 'createdAt'] },
  ]);
  await upstream.close();
});

test('a refused connection is UNREACHABLE, and the error has the cause', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  const port = typeof address === 'object' ? address?.port : 0;
  const error = await failed(clientOf(`http://127.0.0.1:${port}/graphql`).instances.list());
  expect(error).toMatchObject({ code: 'UNREACHABLE', requestId: null });
  expect(error.cause).toBeInstanceOf(TypeError);
});

test('a connection that breaks during the response is UNREACHABLE', async () => {
  const server = await startUpstream((_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('{"data":');
    response.destroy();
  });
  expect(await failed(clientOf(server.url.href).instances.list())).toMatchObject({
    code: 'UNREACHABLE',
  });
  await server.close();
});

test.each([
  [401, 'UNAUTHENTICATED'],
  [403, 'FORBIDDEN'],
  [404, 'INVALID_RESPONSE'],
  [429, 'RATE_LIMITED'],
  [500, 'INVALID_RESPONSE'],
  [502, 'UNREACHABLE'],
  [503, 'UNREACHABLE'],
  [504, 'UNREACHABLE'],
  [200, 'INVALID_RESPONSE'],
])('an HTML page of a proxy with status %i is %s', async (status, code) => {
  const headers = { 'x-request-id': 'proxy-1', 'retry-after': '7' };
  const error = await errorFor(status, '<h1>No</h1>', headers);
  expect(error).toMatchObject({ code, requestId: 'proxy-1', retryAfter: 7 });
  expect(error.message).toContain(String(status));
});

test.each([['null'], ['3'], ['[]'], ['{"ok":true}'], ['{"errors":"none"}'], ['{"data":null}']])(
  'JSON that is not a GraphQL response is INVALID_RESPONSE: %s',
  async (text) => {
    expect(await errorFor(200, text)).toMatchObject({ code: 'INVALID_RESPONSE' });
  },
);

test('an instance status that the client does not know is unknown', async () => {
  const body = { data: { instance: { id: 'inst_1', name: 'One', status: 'MELTING' } } };
  const server = await startUpstream(always(200, body));
  expect(await clientOf(server.url.href).instances.get('inst_1')).toMatchObject({
    status: 'unknown',
  });
  await server.close();
});
