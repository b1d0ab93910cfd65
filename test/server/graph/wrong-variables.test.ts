import { expect, test } from 'vitest';
import { start } from '#test/support/start.ts';
import { startWatched } from '#test/support/live/watched-server.ts';

const list = 'query ($status: InstanceStatusFilter) { instances(status: $status) { totalCount } }';
const byIds = 'query ($some: [ID!]!) { nodes(ids: $some) { id } }';
const create =
  'mutation ($new: CreateInstanceInput!) { createInstance(input: $new) { instance { id } } }';
const created = 'The variable "$new" must be of type CreateInstanceInput!';
const statuses = 'one of CONNECTED, CONNECTING, DISCONNECTED';

test.each([
  [
    list,
    { status: 'FOO' },
    `The variable "$status" must be of type InstanceStatusFilter: ${statuses}.`,
  ],
  [
    list,
    { status: 3 },
    `The variable "$status" must be of type InstanceStatusFilter: ${statuses}.`,
  ],
  [
    byIds,
    { some: ['inst_1', null] },
    'The variable "$some" must be of type [ID!]!, and its value at "some[1]" of type ID!.',
  ],
  [create, { new: 'a name' }, `${created}: Expected type "CreateInstanceInput" to be an object.`],
  [create, { new: { name: 3 } }, `${created}, and its value at "new.name" of type String!.`],
  [
    create,
    { new: { name: 'a', webhookEvents: ['message', 3] } },
    `${created}, and its value at "new.webhookEvents[1]" of type String!.`,
  ],
  [
    create,
    { new: { name: 'a', settings: { autoRead: '; no" at "new.name"' } } },
    `${created}, and its value at "new.settings.autoRead" of type Boolean.`,
  ],
  [create, { new: {} }, `${created}: Field "name" of required type "String!" was not provided.`],
  [
    create,
    { new: { name: 'a', settings: { autoRea: true } } },
    `${created}, and its value at "new.settings" of type InstanceSettingsInput: ` +
      'Field "autoRea" is not defined by type "InstanceSettingsInput". Did you mean "autoRead"?',
  ],
])('%s with %j: the error says what is expected, and where', async (query, variables, message) => {
  const server = await start();
  const { status, errors } = await server.query(query, variables);
  expect(status).toBe(400);
  const [variable] = Object.keys(variables);
  expect(errors).toMatchObject([{ message, extensions: { code: 'BAD_USER_INPUT', variable } }]);
  expect(server.calls()).toEqual([]);
});

test('in production, the error lists neither the values of an enum nor similar fields', async () => {
  const server = await start({ env: { NODE_ENV: 'production', HOST: '127.0.0.1' } });
  const messageOf = async (query: string, variables: object) =>
    (await server.query(query, variables)).errors?.map(({ message }) => message);
  expect(await messageOf(list, { status: 'FOO' })).toEqual([
    'The variable "$status" must be of type InstanceStatusFilter.',
  ]);
  expect(await messageOf(create, { new: { name: 'a', nam: 'b' } })).toEqual([
    `${created}: Field "nam" is not defined by type "CreateInstanceInput".`,
  ]);
});

test('a subscription with a wrong variable says what is expected', async () => {
  const server = await startWatched();
  const stream = await server.open(
    'subscription ($status: InstanceStatusFilter) { instances(status: $status) { totalCount } }',
    { variables: { status: 'FOO' } },
  );
  await stream.ended;
  expect(stream.results()).toMatchObject([
    {
      errors: [
        {
          message: `The variable "$status" must be of type InstanceStatusFilter: ${statuses}.`,
          extensions: { code: 'BAD_USER_INPUT', variable: 'status' },
        },
      ],
    },
  ]);
});
