import { describe, expect, test } from 'vitest';
import { startingRows } from '#src/sandbox/grow.ts';
import { createTestClock } from '#test/support/clock.ts';
import { start } from '#test/support/start.ts';
import { compose, composers } from './support/compose.ts';
import { startConversations } from './support/conversations.ts';
import { startGateway } from './support/gateway.ts';

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

describe.each(composers)('a gateway over the supergraph of $composer', (composer) => {
  async function startAll() {
    const server = await start({ instances: 60, clock: createTestClock() });
    const urls = {
      instances: server.url,
      conversations: await startConversations(rows.map(({ id }) => String(id))),
    };
    const { supergraphSdl } = await compose(composer, urls);
    return { server, gateway: await startGateway(supergraphSdl) };
  }

  test('gets 25 references by one request, for one call', async () => {
    const { server, gateway } = await startAll();
    const { data, errors } = await gateway.query(conversations, { authorization: 'Bearer test' });

    expect(errors).toBeUndefined();
    expect(data.conversations.edges).toEqual(
      rows.map(({ id, name }) => ({ node: { instance: { id, name } } })),
    );
    const ours = gateway.sent.filter(({ url }) => url === server.url);
    expect(ours).toMatchObject([{ query: expect.stringContaining('_entities') }]);
    expect(server.calls()).toEqual(['GET /instances?status=all&limit=100&offset=0']);
  });

  test("hands on its caller's key and request id, as far as EnviaAI", async () => {
    const { server, gateway } = await startAll();
    await gateway.query('{ instances { totalCount } }', {
      authorization: 'Bearer another',
      'x-request-id': 'screen-42',
    });
    expect(server.sandbox.control.calls({ key: 'another' }).calls).toMatchObject([
      { call: 'GET /instances?status=all&limit=100&offset=0', requestId: 'screen-42' },
    ]);
  });

  test('tells its caller the code of an error, for a field and for each reference', async () => {
    const { server, gateway } = await startAll();
    const refused = { authorization: 'Bearer invalid' };

    const list = await gateway.query('{ instances { totalCount } }', refused);
    expect(list.data).toEqual({ instances: null });
    expect(list.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);

    const references = await gateway.query(conversations, refused);
    expect(references.errors).toMatchObject(
      rows.map((_, index) => ({
        path: ['conversations', 'edges', index, 'node', 'instance'],
        extensions: { code: 'UNAUTHENTICATED' },
      })),
    );
    expect(server.calls('invalid')).toHaveLength(1);
  });

  test('is not offered what every subgraph has of its own', async () => {
    const { server, gateway } = await startAll();
    for (const field of [
      'node(id: "inst_abc123") { id }',
      'nodes(ids: []) { id }',
      'rateLimit { limit }',
    ]) {
      const { errors } = await gateway.query(`{ ${field} }`, { authorization: 'Bearer test' });
      expect(errors).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
    }
    expect(server.calls()).toEqual([]);
  });
});
