import { describe, expect, test } from 'vitest';
import { anew, noCache, startReusing } from '#test/support/response-cache/reusing.ts';

const key = 'test';
const id = 'inst_abc123';
type Server = Awaited<ReturnType<typeof startReusing>>;
type Ask = (
  server: Server,
  document: string,
  headers?: Record<string, string>,
  variables?: object,
) => Promise<unknown>;

const again: Ask = (server, document, headers = {}, variables = {}) =>
  server.query(document, variables, headers);
const made: Ask = (server, document, headers = {}, variables = {}) =>
  server.query(anew(document), variables, headers);

const byId = `{ instance(id: "${id}") { name status } }`;
const two = `{ nodes(ids: ["inst_abc123", "inst_def456"]) { id } }`;
const list = '{ instances(first: 1) { totalCount } }';
const end = '{ instances(last: 2) { totalCount nodes { id } } }';
const connecting = '{ instances(status: CONNECTING) { nodes { id } } }';
const connected = '{ instances(status: CONNECTED) { totalCount } }';

const scenarios: [string, number, (server: Server, ask: Ask) => Promise<void>][] = [
  [
    'a fresh page holds the row that was asked for by itself',
    300,
    async (server, ask) => {
      await ask(server, list);
      await ask(server, byId, noCache); // GET, kept with the single alone
      server.clock.advance(2001);
      await ask(server, list); // the page again, same version
      server.clock.advance(500);
      await ask(server, byId); // no call needed
    },
  ],
  [
    'one page has the rows that came from two lists',
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
    'a fresh page holds the whole list, which ended on another',
    101,
    async (server, ask) => {
      await ask(server, list);
      await ask(server, end); // from offset 90
      server.sandbox.control.remove({ key, ids: ['inst_abc123', 'inst_def456'] });
      server.clock.advance(2001);
      await ask(server, list); // the whole account by now
      await ask(server, end);
    },
  ],
  [
    'a fresh page of the whole account has the connected, who came from their own list',
    30,
    async (server, ask) => {
      await ask(server, connected); // its own list: no account seen yet
      server.clock.advance(2001);
      await ask(server, list); // the account
      await ask(server, connected);
    },
  ],
  [
    'a fresh page has the rows after a cursor, which came from another',
    150,
    async (server, ask) => {
      const first = await server.query(anew('{ instances(first: 95) { pageInfo { endCursor } } }'));
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

describe('an answer that may be served again costs no more calls than one that is made, where', () => {
  test.for(scenarios)('%s', async ([, instances, play]) => {
    const callsOf = async (ask: Ask) => {
      const server = await startReusing({ instances });
      await play(server, ask);
      return server.calls();
    };
    const making = await callsOf(made);
    const calls = await callsOf(again);
    expect(calls.length, calls.join()).toBeLessThanOrEqual(making.length);
  });
});
