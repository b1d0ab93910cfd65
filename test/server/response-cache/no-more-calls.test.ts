import { describe, expect, test } from 'vitest';
import { uncached, noCache, startCaching } from '#test/support/response-cache/caching-server.ts';

const key = 'test';
const id = 'inst_abc123';
type Server = Awaited<ReturnType<typeof startCaching>>;
type Ask = (
  server: Server,
  document: string,
  headers?: Record<string, string>,
  variables?: object,
) => Promise<unknown>;

const askCached: Ask = (server, document, headers = {}, variables = {}) =>
  server.query(document, variables, headers);
const askUncached: Ask = (server, document, headers = {}, variables = {}) =>
  server.query(uncached(document), variables, headers);

const byId = `{ instance(id: "${id}") { name status } }`;
const two = `{ nodes(ids: ["inst_abc123", "inst_def456"]) { id } }`;
const list = '{ instances(first: 1) { totalCount } }';
const end = '{ instances(last: 2) { totalCount nodes { id } } }';
const connecting = '{ instances(status: CONNECTING) { nodes { id } } }';
const connected = '{ instances(status: CONNECTED) { totalCount } }';

const scenarios: [string, number, (server: Server, ask: Ask) => Promise<void>][] = [
  [
    'a fresh page has the row that was read by id',
    300,
    async (server, ask) => {
      await ask(server, list);
      await ask(server, byId, noCache); // GET by id, cached without a page
      server.clock.advance(2001);
      await ask(server, list); // the page is revalidated, same version
      server.clock.advance(500);
      await ask(server, byId); // no call needed
    },
  ],
  [
    'one page has the rows of two lists',
    3,
    async (server, ask) => {
      server.sandbox.control.status({ key, id, status: 'connecting' });
      await ask(server, list);
      server.clock.advance(100);
      await ask(server, connecting); // newer than the page
      await ask(server, two); // one row from each
      server.clock.advance(2001);
      await ask(server, two); // one page has both
    },
  ],
  [
    'a row has left its page',
    300,
    async (server, ask) => {
      await ask(server, list);
      await ask(server, byId);
      server.sandbox.control.remove({ key, id });
      server.clock.advance(2001);
      await ask(server, byId);
    },
  ],
  [
    'a fresh page has the whole list, whose end was on another page',
    101,
    async (server, ask) => {
      await ask(server, list);
      await ask(server, end); // from offset 90
      server.sandbox.control.remove({ key, ids: ['inst_abc123', 'inst_def456'] });
      server.clock.advance(2001);
      await ask(server, list); // now the whole account
      await ask(server, end);
    },
  ],
  [
    'a fresh page of the whole account has the rows of the list of one status',
    30,
    async (server, ask) => {
      await ask(server, connected); // the list of one status: the account was not read yet
      server.clock.advance(2001);
      await ask(server, list); // the account
      await ask(server, connected);
    },
  ],
  [
    'a fresh page has the rows after a cursor, which were on another page',
    150,
    async (server, ask) => {
      const first = await server.query(
        uncached('{ instances(first: 95) { pageInfo { endCursor } } }'),
      );
      const after = first.data.instances.pageInfo.endCursor;
      const next = 'query ($after: String) { instances(first: 3, after: $after) { nodes { id } } }';
      await ask(server, next, {}, { after }); // rows 95 to 97, from the first page
      server.clock.advance(2001);
      await ask(server, end); // the page from 90 on
      await ask(server, next, {}, { after });
    },
  ],
  [
    'a call fails, and another page has changed',
    150,
    async (server, ask) => {
      const both =
        '{ a: instances(first: 1) { totalCount } b: instances(last: 1) { totalCount nodes { id } } }';
      await ask(server, both);
      server.sandbox.control.add({ key });
      server.clock.advance(2001);
      server.sandbox.control.fail({ key, status: 500 });
      await ask(server, both);
    },
  ],
];

describe('a cacheable response costs no more calls than an uncached one if', () => {
  test.for(scenarios)('%s', async ([, instances, play]) => {
    const callsOf = async (ask: Ask) => {
      const server = await startCaching({ instances });
      await play(server, ask);
      return server.calls();
    };
    const uncachedCalls = await callsOf(askUncached);
    const calls = await callsOf(askCached);
    expect(calls.length, calls.join()).toBeLessThanOrEqual(uncachedCalls.length);
  });
});
