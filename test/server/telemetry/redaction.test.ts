import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { start, type Started } from '#test/support/start.ts';
import { startUpstream } from '#test/support/upstream.ts';

/** A part of each value in these tests that must not be logged. */
const mark = 'zq7mark';
const key = `sk_live_${mark}`;

const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

/** Sends raw lines, for requests that no client library would send. */
async function raw(url: string, ...lines: readonly string[]): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.end(`${lines.join('\r\n')}\r\n\r\n`);
  return text(socket);
}

const list = 'query List { instances { nodes { id name phone webhookUrl } } }';

/** Sends keys in wrong places and in wrong forms. */
async function sendOddKeys(url: string): Promise<void> {
  const query = encodeURIComponent('{ instances { totalCount } }');
  for (const authorization of [`Basic ${key}`, key, `Bearer  ${key} ${key}`, `Bearer ${key}é`, ''])
    await post(url, { query: list }, { authorization });
  await post(
    url,
    { query: list },
    { 'x-api-key': key, cookie: `key=${key}`, origin: `https://${mark}` },
  );
  await post(url, { query: list }, { 'user-agent': key, 'cache-control': `no-cache, ${mark}` });
  await fetch(`${url}?query=${query}&apiKey=${key}&api_key=${key}&authorization=Bearer%20${key}`);
  await fetch(`${url}?query=${query}&variables=${key}&extensions={"${mark}":1}`);
  await fetch(`${url}/${key}?key=${key}`, { method: 'DELETE' });
  await post(`${url}?key=${key}`, { query: list, key, apiKey: key });
  const host = 'Host: localhost';
  const twice = [`Authorization: Bearer ${key}`, `Authorization: Bearer ${key}2`];
  await raw(url, 'GET /graphql?query={__typename} HTTP/1.1', host, 'Connection: close', ...twice);
  await raw(url, `GET /graphql?${mark} HTTP/1.1`, host, `Authorization: Bearer\u0001${key}`);
  await raw(url, `${mark} /${key}`);
}

/** Sends operations that succeed, and operations that fail in all the ways there are. */
async function sendAllOperations(url: string): Promise<void> {
  const byId =
    'query One($id: ID!, $after: String) { instance(id: $id) { name } instances(after: $after) { totalCount } }';
  const ask = (query: string, variables?: object) => post(url, { query, variables });
  await ask(list);
  await ask(byId, { id: `inst_${mark}` });
  await ask(byId, { id: `inst_${mark}`, after: mark });
  await ask(byId, { id: { [mark]: key }, after: 7 });
  await ask(byId, { [mark]: mark });
  await ask(`{ instances(status: ${mark}) { totalCount } }`);
  await ask(`{ ${mark}: instances(first: 101, after: "${mark}") { totalCount } }`);
  await ask(`{ ${mark} }`);
  await ask(`{ nodes(ids: ["${mark}", "inst_${mark}"]) { id } } # ${mark}`);
  await ask(`query { "${mark}`);
  await ask(`{ __typename @${mark} }`);
  await ask(
    `{ _entities(representations: [{ __typename: "${mark}", id: "${mark}" }]) { __typename } }`,
  );
  await ask('mutation { pretend }', { token: key });
  await post(url, { query: list, operationName: mark });
  await post(url, { query: list, extensions: { [mark]: key } });
  await post(url, `{"query": "${mark}`);
  await post(url, `["${mark}"]`);
  await post(url, `query=${mark}`, { 'content-type': 'application/x-www-form-urlencoded' });
  await post(url, `{"query":"{ ${`${mark} `.repeat(200_000)}}"}`);
}

async function expectNoMark(server: Started, minLines: number): Promise<void> {
  const metrics = await (await fetch(new URL('/metrics', server.url))).text();
  expect(server.log.length).toBeGreaterThanOrEqual(minLines);
  expect(server.log.filter((line) => new RegExp(mark, 'i').test(line))).toEqual([]);
  expect(server.log.filter((line) => /instances\s*[({]|totalCount|__typename/.test(line))).toEqual(
    [],
  );
  expect(metrics).toContain('enviaai_operations_total');
  expect(metrics).not.toMatch(new RegExp(mark, 'i'));
}

const traceLevel = { LOG_LEVEL: 'trace' };

test('at level trace, the log and the metrics contain no key, variable or document', async () => {
  const server = await start({ env: traceLevel });
  await sendOddKeys(server.url);
  await sendAllOperations(server.url);
  await expectNoMark(server, 20);
});

test('messages of EnviaAI, also with keys in them, reach neither the log, the metrics nor a client', async () => {
  const words = `The key ${key} of ${mark} is wrong`;
  const body = (status: number) =>
    JSON.stringify({
      success: false,
      error: { code: `code_${status}`, message: words, key },
      [mark]: words,
    });
  const statuses = [400, 401, 403, 404, 409, 418, 429, 500, 502, 503];
  let asked = 0;
  const upstream = await startUpstream((_, response) => {
    const status = statuses[asked % statuses.length] ?? 500;
    asked += 1;
    response.writeHead(status, { 'content-type': 'application/json', [`x-${mark}`]: key });
    response.end(asked > statuses.length ? words : body(status));
  });
  onTestFinished(() => upstream.close());
  const server = await start({ upstream: upstream.url.href, env: traceLevel });
  const answers: string[] = [];
  for (let turn = 0; turn < statuses.length; turn += 1) {
    const authorization = `Bearer ${key}_${turn}`;
    answers.push(await (await post(server.url, { query: list }, { authorization })).text());
  }
  expect(answers.filter((answer) => answer.includes('"errors"'))).toHaveLength(statuses.length);
  expect(answers.filter((answer) => answer.includes(mark))).toEqual([]);
  await expectNoMark(server, statuses.length);
});

test('a broken connection, and a redirect to a URL with a key, are logged without the key', async () => {
  const upstream = await startUpstream((request, response) => {
    if (request.url?.includes('limit'))
      response.writeHead(302, { location: `http://${mark}/${key}` }).end();
    else response.destroy(new Error(key));
  });
  onTestFinished(() => upstream.close());
  const server = await start({ upstream: upstream.url.href, env: traceLevel });
  await sendAllOperations(server.url);
  await expectNoMark(server, 10);
});

test("the server's API key, the callers' tokens and the Redis password are not logged", async () => {
  const server = await start({
    env: {
      ...traceLevel,
      AUTH: 'jwt',
      ENVIAAI_API_KEY: key,
      AUTH_JWKS_URL: `http://127.0.0.1:1/${mark}?secret=${mark}`,
      AUTH_ISSUER: 'https://issuer.example',
      AUTH_AUDIENCE: 'graph',
      REDIS_URL: `redis://user:${mark}@127.0.0.1:1`,
    },
  });
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = `${part({ alg: 'RS256', kid: mark })}.${part({ sub: mark })}.${mark}`;
  for (const authorization of [`Bearer ${token}`, `Bearer ${mark}`, `Basic ${mark}`]) {
    const answer = await (await post(server.url, { query: list }, { authorization })).text();
    expect(answer).toContain('"errors"');
    expect(answer).not.toContain(mark);
  }
  await expectNoMark(server, 3);
});
