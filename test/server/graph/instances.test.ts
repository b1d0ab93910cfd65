import { expect, test } from 'vitest';
import { start } from '#test/support/start.ts';

const wholeList = 'GET /instances?status=all&limit=100&offset=0';

test('the list of the documentation is returned with all fields, for one call', async () => {
  const server = await start();
  const { data, extensions } = await server.query(/* GraphQL */ `
    {
      instances {
        totalCount
        pageInfo {
          hasNextPage
          hasPreviousPage
        }
        nodes {
          id
          name
          phone
          status
          profileName
          createdAt
          lastSeenAt
          webhookUrl
          settings {
            autoRead
            autoTyping
            webhookUrl
            webhookEvents
          }
        }
      }
    }
  `);
  expect(data.instances.totalCount).toBe(3);
  expect(data.instances.pageInfo).toEqual({ hasNextPage: false, hasPreviousPage: false });
  expect(data.instances.nodes[0]).toEqual({
    id: 'inst_abc123',
    name: 'Sales WhatsApp',
    phone: '5511999999999',
    status: 'CONNECTED',
    profileName: 'Sales Team',
    createdAt: '2026-01-01T10:00:00.000Z',
    lastSeenAt: '2026-02-03T12:00:00.000Z',
    webhookUrl: 'https://myapp.com/webhooks/whatsapp',
    settings: {
      autoRead: false,
      autoTyping: true,
      webhookUrl: 'https://myapp.com/webhooks/whatsapp',
      webhookEvents: null,
    },
  });
  expect(extensions?.enviaai).toMatchObject({ calls: 1, stale: false });
  expect(server.calls()).toEqual([wholeList]);
});

test('a list, a filtered list and one of its rows cost one call together', async () => {
  const server = await start({ instances: 80 });
  const { data } = await server.query(/* GraphQL */ `
    {
      one: instance(id: "inst_abc123") {
        name
      }
      connected: instances(status: CONNECTED, first: 5) {
        nodes {
          status
        }
      }
      some: instances(first: 10) {
        totalCount
      }
      more: instances(first: 20) {
        totalCount
      }
    }
  `);
  expect(data.one.name).toBe('Sales WhatsApp');
  expect(new Set(data.connected.nodes.map((node: { status: string }) => node.status))).toEqual(
    new Set(['CONNECTED']),
  );
  expect(server.calls()).toEqual([wholeList]);
});
