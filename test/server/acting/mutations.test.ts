import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { start } from '#test/support/start.ts';

const key = 'test';
const id = 'inst_ghi789';

test('an update is sent once, and its answer is the payload, for one call', async () => {
  const server = await start();
  const update = /* GraphQL */ `
    mutation ($id: ID!, $input: UpdateInstanceInput!) {
      updateInstance(id: $id, input: $input) {
        instance {
          id
          name
          webhookUrl
        }
        userErrors {
          code
        }
      }
    }
  `;
  const input = { name: 'Events', webhookUrl: null };
  const { data, errors, extensions, headers } = await server.query(update, { id, input });
  expect(errors).toBeUndefined();
  expect(data.updateInstance).toEqual({
    instance: { id, name: 'Events', webhookUrl: null },
    userErrors: [],
  });
  expect(extensions?.enviaai).toMatchObject({ calls: 1 });
  expect(server.calls()).toEqual([`PATCH /instances/${id}`]);
  expect(headers.get('cache-control')).toBe('no-store, no-transform');
});

test('what the answer to a write does not have is read after it', async () => {
  const server = await start();
  const disconnect = /* GraphQL */ `
    mutation ($id: ID!) {
      disconnectInstance(id: $id, reason: "test") {
        instance {
          id
          name
          status
        }
        userErrors {
          code
        }
      }
    }
  `;
  const { data } = await server.query(disconnect, { id: 'inst_abc123' });
  expect(data.disconnectInstance).toEqual({
    instance: { id: 'inst_abc123', name: 'Sales WhatsApp', status: 'DISCONNECTED' },
    userErrors: [],
  });
  expect(server.calls()).toEqual([
    'POST /instances/inst_abc123/disconnect',
    'GET /instances/inst_abc123',
  ]);
});

test('a line that is not linked is disconnected with success, and one that is linked connected', async () => {
  const server = await start();
  const both = /* GraphQL */ `
    mutation {
      disconnectInstance(id: "inst_ghi789") {
        instance {
          status
        }
        userErrors {
          code
        }
      }
      connectInstance(id: "inst_abc123") {
        qrCode {
          image
          expiresAt
          status
        }
        instance {
          status
        }
        userErrors {
          code
        }
      }
    }
  `;
  const { data, errors } = await server.query(both);
  expect(errors).toBeUndefined();
  expect(data).toEqual({
    disconnectInstance: { instance: { status: 'DISCONNECTED' }, userErrors: [] },
    connectInstance: {
      qrCode: { image: null, expiresAt: null, status: 'CONNECTED' },
      instance: { status: 'CONNECTED' },
      userErrors: [],
    },
  });
  // That a line is not linked does not say that it is not about to be: its status is read.
  expect(server.calls()).toEqual([
    'POST /instances/inst_ghi789/disconnect',
    'GET /instances/inst_ghi789',
    'POST /instances/inst_abc123/connect',
  ]);
});

const create = /* GraphQL */ `
  mutation ($input: CreateInstanceInput!) {
    createInstance(input: $input) {
      instance {
        id
        name
        status
        lastSeenAt
        settings {
          autoRead
          autoTyping
        }
      }
      userErrors {
        code
        field
      }
    }
  }
`;

test('a created instance is in the payload, found by id at once, and listed when EnviaAI lists it', async () => {
  const clock = createTestClock();
  const server = await start({ clock });
  const list = '{ instances { totalCount nodes { id } } }';
  await server.query(list);
  server.sandbox.control.lag({ key, ms: 2000 });
  const { data, errors } = await server.query(create, { input: { name: 'New' } });
  expect(errors).toBeUndefined();
  const { instance } = data.createInstance;
  expect(instance).toMatchObject({ name: 'New', status: 'DISCONNECTED', lastSeenAt: null });
  expect(instance.settings).toEqual({ autoRead: false, autoTyping: true });

  clock.advance(100);
  const found = await server.query('query ($id: ID!) { instance(id: $id) { name } }', instance);
  expect(found.data.instance).toEqual({ name: 'New' });
  expect((await server.query(list)).data.instances.totalCount).toBe(3);
  clock.advance(2100);
  expect((await server.query(list)).data.instances.totalCount).toBe(4);
  expect(server.calls().map((call) => call.split('?')[0])).toEqual([
    'GET /instances',
    'POST /instances',
    'GET /instances',
    'GET /instances',
  ]);
});

test('an empty name is refused without a call, at the path of the input', async () => {
  const server = await start();
  const userErrors = [{ code: 'INVALID', field: ['input', 'name'] }];
  const created = await server.query(create, { input: { name: ' ' } });
  expect(created.data.createInstance).toEqual({ instance: null, userErrors });
  const updated = await server.query(
    'mutation { updateInstance(id: "inst_abc123", input: { name: "" }) { userErrors { code field } } }',
  );
  expect(updated.data.updateInstance).toEqual({ userErrors });
  expect(server.calls()).toEqual([]);
});

test('the same idempotency key a hundred times at once creates one instance', async () => {
  const server = await start();
  const input = { name: 'Once', idempotencyKey: 'a key', settings: { autoRead: true } };
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => server.query(create, { input })),
  );
  const ids = new Set(answers.map(({ data }) => data.createInstance.instance.id));
  expect(ids.size).toBe(1);
  const { writes } = server.sandbox.control.writes({ key });
  expect(writes).toHaveLength(1);

  const { name, ...rest } = input;
  const reordered = { ...rest, webhookUrl: null, name };
  const again = await server.query(create, { input: reordered });
  expect(again.data.createInstance.instance.id).toBe([...ids][0]);
  const other = await server.query(create, { input: { ...input, name: 'Other' } });
  expect(other.errors?.[0]?.extensions).toMatchObject({
    code: 'BAD_USER_INPUT',
    argument: 'input.idempotencyKey',
  });
  expect(server.sandbox.control.writes({ key }).writes).toHaveLength(1);
});
