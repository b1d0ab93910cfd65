import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { createApp } from '#src/app.ts';
import { parseConfig } from '#src/config/config.ts';
import { builder } from '#src/graphql/builder.ts';
import { worstCalls } from '#src/graphql/complexity/worst-calls.ts';
import { worstFields } from '#src/graphql/complexity/worst-fields.ts';
import { worstOfAny } from '#src/graphql/complexity/worst-of-any.ts';
import { Noun } from '#src/graphql/node/nouns.ts';
import { createSubgraphSchema } from '#src/graphql/schema.ts';
import { makesCalls } from '#src/graphql/upstream-cost.ts';
import { createLog } from '#src/telemetry/log.ts';
import { start } from '#test/support/start.ts';

// A second noun: everything that CONTRIBUTING.md asks for, and no change elsewhere.
interface Contact {
  readonly id: string;
  readonly name: string;
}

const contacts: readonly Contact[] = [
  { id: 'contact_ana', name: 'Ana' },
  { id: 'contact_rui', name: 'Rui' },
];
const callsOfList = 3;

const noun = new Noun<Contact>({
  idPrefix: 'contact_',
  load: async (id) => contacts.find((contact) => contact.id === id) ?? null,
  readsOf: (ids) => [{ kind: 'calls', calls: ids.length }],
});

const Contact = builder.objectRef<Contact>('Contact');
Contact.implement({
  description: 'A contact.',
  interfaces: [builder.nodeInterfaceRef()],
  extensions: { noun },
  fields: (t) => ({ id: t.exposeID('id'), name: t.exposeString('name') }),
});
builder.asEntity(Contact, {
  key: builder.selection<{ id: string }>('id'),
  resolveReference: ({ id }, context) => noun.load(id, context),
});
builder.queryField('contacts', (t) =>
  t.field({
    type: [Contact],
    nullable: true,
    args: { first: t.arg.int({ required: true }) },
    extensions: {
      upstreamCost: makesCalls(({ first }) => ({ calls: callsOfList, objects: Number(first) })),
    },
    resolve: () => contacts,
  }),
);

const schema = createSubgraphSchema();
const inputOf = (text: string, variables = {}) => ({ schema, document: parse(text), variables });
const callsOf = (text: string, variables = {}) =>
  worstCalls(inputOf(text, variables), { instances: 1000 }).calls;

const nodes = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Contact { name } } }';
const entities = 'query ($of: [_Any!]!) { _entities(representations: $of) { __typename } }';
const mixedIds = ['contact_ana', 'contact_none', 'inst_abc123', 'inst_def456', 'inst_ghi789'];

test('a root field of a second noun costs what it declares', () => {
  expect(callsOf('{ contacts(first: 5) { id } }')).toBe(callsOfList);
  expect(callsOf('{ a: contacts(first: 5) { id } instances { totalCount } }')).toBe(
    callsOfList + 1,
  );
  expect(worstFields(inputOf('{ contacts(first: 5) { id name } }'))).toBe(10);
});

test('ids and references are priced by their noun', () => {
  expect(callsOf('{ node(id: "contact_ana") { id } }')).toBe(1);
  // Two contacts cost 2 calls, three instances 4.
  expect(callsOf(nodes, { ids: mixedIds })).toBe(6);
  const of = (typename: string) => mixedIds.map((id) => ({ __typename: typename, id }));
  expect(callsOf(entities, { of: of('Contact') })).toBe(2);
  expect(callsOf(entities, { of: of('Instance') })).toBe(4);
  expect(worstFields(inputOf(nodes, { ids: mixedIds }))).toBe(10);
});

test('a document with unknown ids costs as much as the most expensive noun', () => {
  const worst = (text: string) =>
    worstOfAny(parse(text), { schema, instances: 1000, ids: 20 }).calls;
  expect(worst('query ($id: ID!) { node(id: $id) { id } }')).toBe(1);
  expect(worst(nodes)).toBe(20 + 11);
  expect(worst(entities)).toBe(20 + 11);
});

test('an operation over MAX_UPSTREAM_CALLS is refused because of the second noun', async () => {
  const server = await start({ schema, env: { MAX_UPSTREAM_CALLS: String(callsOfList - 1) } });
  const { errors } = await server.query('{ contacts(first: 1) { id } }');
  expect(errors).toMatchObject([{ extensions: { limit: 'MAX_UPSTREAM_CALLS' } }]);
});

test('node and nodes find objects of both nouns', async () => {
  const server = await start({ schema });
  const { data } = await server.query(
    `query ($ids: [ID!]!) {
      node(id: "contact_rui") { __typename id }
      nodes(ids: $ids) { __typename id ... on Contact { name } ... on Instance { status } }
    }`,
    { ids: ['contact_ana', 'inst_abc123', 'contact_none'] },
  );
  expect(data).toEqual({
    node: { __typename: 'Contact', id: 'contact_rui' },
    nodes: [
      { __typename: 'Contact', id: 'contact_ana', name: 'Ana' },
      { __typename: 'Instance', id: 'inst_abc123', status: 'CONNECTED' },
      null,
    ],
  });
  expect(server.calls()).toEqual(['GET /instances/inst_abc123']);
});

test('_entities resolves references to both nouns, by the type and the id', async () => {
  const server = await start({ schema });
  const { data, errors } = await server.query(
    `query ($of: [_Any!]!) {
      entities: _entities(representations: $of) { __typename ... on Contact { name } }
    }`,
    {
      of: [
        { __typename: 'Contact', id: 'contact_ana' },
        { __typename: 'Instance', id: 'inst_abc123' },
        { __typename: 'Instance', id: 'contact_ana' },
        { __typename: 'Campaign', id: 'x' },
      ],
    },
  );
  expect(data.entities).toEqual([
    { __typename: 'Contact', name: 'Ana' },
    { __typename: 'Instance' },
    null,
    null,
  ]);
  expect(errors).toMatchObject([
    {
      message: expect.stringMatching(/must be one of: .*`Contact`.*`Instance`/),
      path: ['entities', 3],
    },
  ]);
});

// Last, because the builder cannot remove a field or a type. Each test fails an earlier check.
test('the server does not start with a root field that declares no cost', async () => {
  builder.queryField('unpriced', (t) => t.int({ nullable: true, resolve: () => 1 }));
  const config = parseConfig({ ENVIAAI_BASE_URL: 'http://127.0.0.1:9', PORT: '0' });
  const log = await createLog({ level: 'silent', pretty: false });
  await expect(createApp(config, { log })).rejects.toThrow(
    'Root fields without an upstream cost: Query.unpriced.',
  );
});

test('a schema with an entity that is no noun is refused', () => {
  const Tag = builder.objectRef<Contact>('Tag');
  Tag.implement({ fields: (t) => ({ id: t.exposeID('id') }) });
  builder.asEntity(Tag, {
    key: builder.selection<{ id: string }>('id'),
    resolveReference: () => contacts[0]!,
  });
  expect(() => createSubgraphSchema()).toThrow('Entities without the extension `noun`: Tag');
});

test('a schema with a node that is no noun, or with two nouns of one prefix, is refused', () => {
  const implement = (name: string, extensions: Record<string, unknown>) =>
    builder.objectRef<Contact>(name).implement({
      interfaces: [builder.nodeInterfaceRef()],
      extensions,
      fields: (t) => ({ name: t.exposeString('name') }),
    });
  implement('Person', { noun });
  expect(() => createSubgraphSchema()).toThrow('have the same prefix of ids: "contact_"');
  implement('Group', {});
  expect(() => createSubgraphSchema()).toThrow('Group implements Node, but has no extension');
});

test('a refused caller gets nothing of a noun that reads nothing from EnviaAI', async () => {
  const server = await start({ schema });
  const document = '{ contacts(first: 5) { name } node(id: "contact_ana") { id } }';
  const { data, errors } = await server.query(document, {}, { authorization: 'Basic x' });
  expect(data).toEqual({ contacts: null, node: null });
  expect(errors?.map(({ extensions }) => extensions['code'])).toEqual([
    'UNAUTHENTICATED',
    'UNAUTHENTICATED',
  ]);
});
