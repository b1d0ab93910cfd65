import { describe, expect, onTestFinished, test } from 'vitest';
import { composerNames } from '#examples/supergraph/compose.ts';
import { startSupergraph } from '#examples/supergraph/supergraph.ts';
import { startingRows } from '#src/sandbox/account/grow.ts';
import { createTestClock } from '#test/support/clock.ts';
import { start } from '#test/support/start.ts';
import { startUpstream } from '#test/support/upstream.ts';

const rows = startingRows(60).slice(20, 45);

const conversations = /* GraphQL */ `
  {
    conversations {
      edges {
        node {
          instance {
            id
            name
          }
        }
      }
    }
  }
`;

describe.each(composerNames)('a gateway over the supergraph of %s', (composer) => {
  async function startAll() {
    const clock = createTestClock();
    const server = await start({ instances: 60, clock });
    const supergraph = await startSupergraph({
      instancesUrl: server.url,
      instanceIds: rows.map(({ id }) => String(id)),
      composer,
    });
    onTestFinished(() => supergraph.close());
    return { server, clock, ask: askerOf(supergraph.url) };
  }

  test('resolves 25 references with one request and one upstream call', async () => {
    const { server, ask } = await startAll();
    const { data, errors } = await ask(conversations);

    expect(errors).toBeUndefined();
    expect(data.conversations.edges).toEqual(
      rows.map(({ id, name }) => ({ node: { instance: { id, name } } })),
    );
    expect(server.log.filter((line) => line.includes('"msg":"operation"'))).toHaveLength(1);
    expect(server.calls()).toEqual(['GET /instances?status=all&limit=100&offset=0']);
  });

  test('a reference to an instance that no longer exists is null, without an error', async () => {
    const { server, ask } = await startAll();
    server.sandbox.control.remove({ key: 'test', id: String(rows[1]?.id) });
    const { data, errors } = await ask(conversations);

    expect(errors).toBeUndefined();
    expect(data.conversations.edges).toEqual(
      rows.map(({ id, name }, index) => ({
        node: { instance: index === 1 ? null : { id, name } },
      })),
    );
  });

  test('resolves the conversations of an instance', async () => {
    const { server, ask } = await startAll();
    const id = String(rows[0]?.id);
    const { data } = await ask(
      `{ instance(id: "${id}") { name conversations { id instance { status } } } }`,
    );
    expect(data.instance).toEqual({
      name: rows[0]?.['name'],
      conversations: [{ id: 'conversation_0', instance: { status: 'DISCONNECTED' } }],
    });
    expect(server.calls()).toEqual([`GET /instances/${id}`]);
  });

  test("forwards the caller's key and request id to EnviaAI", async () => {
    const { server, ask } = await startAll();
    await ask('{ instances { totalCount } }', {
      authorization: 'Bearer another',
      'x-request-id': 'screen-42',
    });
    expect(server.sandbox.control.calls({ key: 'another' }).calls).toMatchObject([
      { call: 'GET /instances?status=all&limit=100&offset=0', requestId: 'screen-42' },
    ]);
  });

  test("forwards the caller's trace", async () => {
    const subgraph = await startUpstream((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"data":{"instances":{"totalCount":3}}}');
    });
    onTestFinished(() => subgraph.close());
    const supergraph = await startSupergraph({
      instancesUrl: subgraph.url.href,
      instanceIds: [],
      composer,
    });
    onTestFinished(() => supergraph.close());
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const { data } = await askerOf(supergraph.url)('{ instances { totalCount } }', { traceparent });
    expect(data.instances).toEqual({ totalCount: 3 });
    expect(subgraph.calls.map(({ headers }) => headers['traceparent'])).toEqual([traceparent]);
  });

  test('passes the mutations of an operation on as one, in their order, and their outcomes', async () => {
    const { server, ask } = await startAll();
    const { data, errors } = await ask(`
      mutation {
        renamed: updateInstance(id: "inst_abc123", input: { name: "One" }) {
          instance { name }
          userErrors { code }
        }
        again: updateInstance(id: "inst_abc123", input: { name: "Two" }) {
          instance { name }
          userErrors { code }
        }
        none: disconnectInstance(id: "inst_none") {
          instance { status }
          userErrors { code field }
        }
      }
    `);
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      renamed: { instance: { name: 'One' }, userErrors: [] },
      again: { instance: { name: 'Two' }, userErrors: [] },
      none: { instance: null, userErrors: [{ code: 'NOT_FOUND', field: null }] },
    });
    expect(server.log.filter((line) => line.includes('"msg":"operation"'))).toHaveLength(1);
    expect(server.calls()).toEqual([
      'PATCH /instances/inst_abc123',
      'PATCH /instances/inst_abc123',
      'POST /instances/inst_none/disconnect',
    ]);
  });

  test('returns OUTCOME_UNKNOWN, and sends the change once', async () => {
    const { server, ask } = await startAll();
    server.sandbox.control.fail({ key: 'test', mode: 'lost', on: 'writes' });
    const { data, errors } = await ask(`
      mutation {
        createInstance(input: { name: "Support" }) {
          instance { id }
          userErrors { code }
        }
      }
    `);
    expect(data).toEqual({ createInstance: null });
    expect(errors).toMatchObject([
      { path: ['createInstance'], extensions: { code: 'OUTCOME_UNKNOWN' } },
    ]);
    expect(server.calls()).toEqual(['POST /instances']);
  });

  test('finds the conversations of an instance that a mutation returns', async () => {
    const { ask } = await startAll();
    const { data, errors } = await ask(`
      mutation {
        connectInstance(id: "${String(rows[0]?.id)}") {
          instance { status conversations { id } }
          qrCode { image }
          userErrors { code }
        }
      }
    `);
    expect(errors).toBeUndefined();
    expect(data.connectInstance).toEqual({
      instance: { status: 'CONNECTING', conversations: [{ id: 'conversation_0' }] },
      qrCode: { image: expect.stringMatching(/^data:image\/png;base64,/) },
      userErrors: [],
    });
  });

  test('resolves the details of an instance', async () => {
    const { server, ask } = await startAll();
    const { data, errors } = await ask(
      '{ instanceDetails(id: "inst_abc123") { stats { __typename } instance { name } } }',
    );
    expect(errors).toBeUndefined();
    expect(data.instanceDetails).toEqual({
      stats: { __typename: 'InstanceStats' },
      instance: { name: 'Sales WhatsApp' },
    });
    expect(server.calls()).toEqual(['GET /instances/inst_abc123/status']);
  });

  test('returns the error code of a field and of each reference', async () => {
    const { server, ask } = await startAll();
    const refused = { authorization: 'Bearer invalid' };

    const list = await ask('{ instances { totalCount } }', refused);
    expect(list.data).toEqual({ instances: null });
    expect(list.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);

    const references = await ask(conversations, refused);
    expect(references.errors).toMatchObject(
      rows.map((_, index) => ({
        path: ['conversations', 'edges', index, 'node', 'instance'],
        extensions: { code: 'UNAUTHENTICATED' },
      })),
    );
    expect(server.calls('invalid')).toHaveLength(1);
  });

  test('returns retryAfter when the budget is spent', async () => {
    const { server, clock, ask } = await startAll();
    await ask('{ instances { totalCount } }');
    server.sandbox.control.spend({ key: 'test', remaining: 0 });
    clock.advance(5000);
    const { errors } = await ask('{ instances(status: CONNECTING) { totalCount } }');
    expect(errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED', retryAfter: 55 } }]);
  });

  test('does not offer fields that every subgraph resolves itself', async () => {
    const { server, ask } = await startAll();
    for (const field of [
      'node(id: "inst_abc123") { id }',
      'nodes(ids: []) { id }',
      'rateLimit { limit }',
    ]) {
      const { errors } = await ask(`{ ${field} }`);
      expect(errors).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
    }
    expect(server.calls()).toEqual([]);
  });
});

interface Answer {
  // Each test states the shape it expects.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly data: any;
  readonly errors?: readonly { readonly path?: unknown; readonly extensions?: object }[];
}

/** Sends operations to a gateway, with the key "test" unless the headers have another. */
const askerOf =
  (url: string) =>
  async (query: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer test', ...headers },
      body: JSON.stringify({ query }),
    });
    return (await response.json()) as Answer;
  };
