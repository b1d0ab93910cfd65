import { expect, test } from 'vitest';
import { startingRows } from '#src/sandbox/account/grow.ts';
import { start } from '#test/support/start.ts';

const entities = /* GraphQL */ `
  query ($representations: [_Any!]!) {
    entities: _entities(representations: $representations) {
      __typename
      ... on Instance {
        id
        name
      }
    }
  }
`;

const references = (ids: readonly unknown[]) => ({
  representations: ids.map((id) => ({ __typename: 'Instance', id })),
});

const idsOfRows = (count: number) => startingRows(count).map(({ id }) => id);

test('a representation that cannot be resolved does not affect the others', async () => {
  const server = await start();
  const wrong = { extensions: { code: 'BAD_USER_INPUT', argument: 'representations' } };
  const { data, errors } = await server.query(entities, {
    representations: [
      { __typename: 'Instance', id: 'inst_abc123' },
      { __typename: 'Campaign', id: 'inst_abc123' },
      { __typename: 'Instance' },
      { __typename: 'Instance', id: 42 },
      { id: 'inst_abc123' },
      'inst_abc123',
      { __typename: 'Instance', id: 'inst_none' },
      { __typename: 'Instance', id: 'inst_ghi789' },
    ],
  });
  expect(data.entities).toEqual([
    { __typename: 'Instance', id: 'inst_abc123', name: 'Sales WhatsApp' },
    null,
    null,
    null,
    null,
    null,
    null,
    { __typename: 'Instance', id: 'inst_ghi789', name: 'Marketing WhatsApp' },
  ]);
  // No error for an unknown id: it is null.
  expect(errors).toMatchObject(
    [1, 2, 3, 4, 5].map((index) => ({ ...wrong, path: ['entities', index] })),
  );
  expect(server.calls()).toEqual(['GET /instances?status=all&limit=100&offset=0']);
});

test('more representations than MAX_IDS are rejected without a call', async () => {
  const server = await start({ env: { MAX_IDS: '10' } });
  const ids = Array.from({ length: 11 }, (_, index) => `inst_${index}`);
  const { data, errors } = await server.query(entities, references(ids));
  expect(data).toBeNull();
  expect(errors).toMatchObject([{ extensions: { code: 'LIMIT_EXCEEDED', limit: 'MAX_IDS' } }]);
  expect(server.calls()).toEqual([]);
  expect((await server.query(entities, references(ids.slice(1)))).errors).toBeUndefined();
});

test('100 representations in an account of 120 cost 2 calls', async () => {
  const server = await start({ instances: 120 });
  const ids = idsOfRows(120).slice(20);
  const { data } = await server.query(entities, references(ids));
  expect(data.entities.map(({ id }: { id: string }) => id)).toEqual(ids);
  expect(server.calls()).toEqual([
    'GET /instances?status=all&limit=100&offset=0',
    'GET /instances?status=all&limit=100&offset=90',
  ]);
});

test('100 representations with unknown ids in an account of 60 cost 1 call', async () => {
  const server = await start({ instances: 60 });
  const ids = Array.from({ length: 100 }, (_, index) => `inst_none${index}`);
  const { data, errors } = await server.query(entities, references(ids));
  expect(data.entities).toEqual(ids.map(() => null));
  expect(errors).toBeUndefined();
  expect(server.calls()).toEqual(['GET /instances?status=all&limit=100&offset=0']);
});

test('a representation and the same instance by id cost 1 call together', async () => {
  const server = await start();
  await server.query(
    /* GraphQL */ `
      query ($representations: [_Any!]!) {
        instance(id: "inst_abc123") {
          name
        }
        entities: _entities(representations: $representations) {
          __typename
        }
      }
    `,
    references(['inst_abc123']),
  );
  expect(server.calls()).toEqual(['GET /instances/inst_abc123']);
});
