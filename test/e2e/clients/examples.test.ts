import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import * as apollo from '#examples/clients/apollo.ts';
import * as graphqlRequest from '#examples/clients/graphql-request.ts';
import * as relay from '#examples/clients/relay.ts';
import * as urql from '#examples/clients/urql.ts';
import { run } from '#test/support/schema/run.ts';
import { createTestClock } from '#test/support/clock.ts';
import { start } from '#test/support/start.ts';
import { idsOfAccount } from '#test/support/clients/account.ts';

/** The calls that a walk through 1000 rows costs with every page size. */
const callsFor1000 = Array.from(
  { length: 11 },
  (_, page) => `GET /instances?status=all&limit=100&offset=${page * 90}`,
);

test.each([
  ['urql', urql],
  ['Apollo Client', apollo],
  ['graphql-request', graphqlRequest],
  ['Relay', relay],
])('the example for %s walks through 1000 rows, each once', async (_, example) => {
  const server = await start({ instances: 1000, clock: createTestClock() });
  const ids: string[] = [];
  for await (const id of await example.instanceIds(server.url, 'test')) ids.push(id);
  expect(server.calls()).toEqual(callsFor1000);
  expect(ids).toEqual(await idsOfAccount(server));
});

test('the files that relay-compiler generated for the Relay example are current', async () => {
  const folder = resolve('examples/clients/relay');
  const checked = await run('relay-compiler/cli.js', ['--validate', 'relay.config.json'], folder);
  expect(checked).toMatchObject({ code: 0 });
});
