import { expect, test } from 'vitest';
import { start } from '#test/support/start.ts';

const id = 'inst_abc123';

/** Changes a setting, and selects this of the instance. */
const updating = (selection: string) => /* GraphQL */ `
  mutation {
    updateInstance(id: "${id}", input: { settings: { autoRead: true } }) {
      instance { ...Changed }
    }
  }
  fragment Changed on Instance { ${selection} }
`;

const patch = `PATCH /instances/${id}`;
const read = `GET /instances/${id}`;

test.each([
  ['settings { autoRead autoTyping }', [patch]],
  ['name settings { autoRead } settings { webhookUrl }', [patch]],
  ['settings { autoRead ... on InstanceSettings { webhookEvents } }', [patch, read]],
  ['settings { autoRead } status', [patch, read]],
])('of a changed instance, only what the response lacks is read: %s', async (selection, calls) => {
  const server = await start();
  const { data, errors } = await server.query(updating(selection));
  expect(errors).toBeUndefined();
  expect(data.updateInstance.instance.settings.autoRead).toBe(true);
  expect(server.calls()).toEqual(calls);
});
