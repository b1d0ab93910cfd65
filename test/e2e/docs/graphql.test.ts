import { readFile } from 'node:fs/promises';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { expect, onTestFinished, test } from 'vitest';
import { start } from '#test/support/start.ts';
import { startExample } from '#test/support/supergraph/example.ts';
import { type Block, blocksFor } from '#test/support/docs/blocks.ts';

/** Sends a query to this server, or to the supergraph for the page about federation. */
async function answerTo({ page, code }: Block): Promise<{ data: unknown; errors?: unknown }> {
  if (page !== 'docs/federation.md') return (await start()).query(code);
  const { line, kill } = startExample('supergraph');
  onTestFinished(kill);
  const url = /http:\S+/.exec((await line()) ?? '')?.[0] ?? '';
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer test' },
    body: JSON.stringify({ query: code }),
  });
  return response.json();
}

test.each(blocksFor('query'))('the query at $place returns no error', async (block) => {
  const { data, errors } = await answerTo(block);
  expect(errors).toBeUndefined();
  expect(Object.values(data as object)).not.toContain(null);
});

/** Parses a response without its times, which differ in each run. */
const timeless = (text: string): unknown =>
  JSON.parse(text, (key, value: unknown) =>
    ['asOf', 'retryAfter'].includes(key) ? typeof value : value,
  );

test.each(blocksFor('answer'))(
  'the response at $place is the response of the server',
  async (block) => {
    const server = await start({ ratePerMinute: 50 });
    // The page about the budget shows the error of a spent one.
    if (block.page === 'docs/budget.md')
      server.sandbox.control.spend({ key: 'test', remaining: 0 });
    const query = block.previous?.code ?? '{ instances { totalCount } }';
    const { text } = await server.query(query);
    expect(timeless(text)).toMatchObject(timeless(block.code) as object);
  },
);

test.each(blocksFor('subgraph'))(
  'the subgraph at $place composes with this one',
  async ({ code }) => {
    const link =
      'extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@key"])';
    const [, name = ''] = /^type (\w+)/.exec(code) ?? [];
    const other = `${link} type Query { first: ${name} } ${code}`;
    const own = await readFile('schema/subgraph.graphql', 'utf8');
    const { errors, schema } = composeServices([
      { name: 'instances', typeDefs: parse(own), url: 'http://instances' },
      { name: 'other', typeDefs: parse(other), url: 'http://other' },
    ]);
    expect(errors).toBeUndefined();
    expect(schema?.type(name)).toBeDefined();
  },
);
