import { expect, test } from 'vitest';
import type { ListAnswer, ListQuery } from '#src/enviaai/instances.ts';
import type { Row } from '#src/domain/row.ts';
import { startingRows } from '#src/sandbox/grow.ts';
import { always, type UpstreamHandler } from '#test/support/upstream.ts';
import { adapt, caller, failureOf, firstPage, pageOf } from './support/adapter.ts';
import { documentedPage } from './support/documented.ts';

const fullPage = { ...firstPage, limit: 100 };
const fifty = startingRows(50);
const added = { id: 'inst_added', name: 'Added' };
const heard = '2026-03-01T08:00:00.000Z';

test.each([
  ['as it is sent', undefined],
  ['written with indents', 2],
])('where one row of a page changed, the other 49 are the known ones: %s', async (_, indent) => {
  const edited = fifty.with(20, { ...fifty[20], lastSeenAt: heard });
  const [first, second] = await readInTurn([
    JSON.stringify(pageOf(fifty), null, indent),
    JSON.stringify(pageOf(edited), null, indent),
  ]);
  expect(second.rows[20]?.instance).toEqual({ ...first.rows[20]?.instance, lastSeenAt: heard });
  expect(second.rows.toSpliced(20, 1).map(identityIn(first))).toEqual(range(50).toSpliced(20, 1));
});

test.each<[string, unknown[], (number | null)[]]>([
  ['the first went', fifty.slice(1), range(50).slice(1)],
  ['the last went', fifty.slice(0, -1), range(50).slice(0, -1)],
  ['three in the middle went', fifty.toSpliced(20, 3), range(50).toSpliced(20, 3)],
  ['one came to the front', [added, ...fifty], [null, ...range(50)]],
  ['one came to the end', [...fifty, added], [...range(50), null]],
  ['the last moved to the front', moved(fifty, 49, 0), moved(range(50), 49, 0)],
  ['one moved to the end', moved(fifty, 5, 49), moved(range(50), 5, 49)],
  ['all went but one', [fifty[30]], [30]],
  [
    'every third one changed',
    fifty.map((row, index) => (index % 3 ? row : { ...row, name: 'Renamed' })),
    range(50).map((index) => (index % 3 ? index : null)),
  ],
])('where %s, the rows of the same bytes are the known ones', async (_, rows, identities) => {
  const [first, second] = await readInTurn(
    [fifty, rows].map((each) => JSON.stringify(pageOf(each, { total: 90 }))),
    fullPage,
  );
  expect(second.rows.map(identityIn(first))).toEqual(identities);
});

test('where most rows stand elsewhere, the page is read as if it were not known', async () => {
  const [first, second] = await readInTurn(
    [fifty, fifty.toReversed()].map((rows) => JSON.stringify(pageOf(rows))),
  );
  expect(second.rows).toEqual(first.rows.toReversed());
  expect(second.rows.map(identityIn(first))).toEqual(fifty.map(() => null));
});

test('changes that follow each other leave the rows they do not touch', async () => {
  const versions = range(12).map((version) => [
    ...fifty.slice(0, 40 + version).with(version * 3, { id: `inst_${version}`, name: 'A' }),
    ...(version % 2 ? [added] : []),
  ]);
  const answers = await readInTurn(
    versions.map((rows) => JSON.stringify(pageOf(rows))),
    fullPage,
  );
  for (const answer of answers) expect(answer.rows[39]).toBe(answers[0].rows[39]);
  expect(answers.map(({ total }) => total)).toEqual(versions.map(({ length }) => length));
});

test('a page whose total alone changed has the known list of rows', async () => {
  const [first, second] = await readInTurn(
    [50, 51].map((total) => JSON.stringify(pageOf(fifty, { total }))),
  );
  expect(second.rows).toBe(first.rows);
  expect([first, second]).toMatchObject([
    { total: 50, hasMore: false },
    { total: 51, hasMore: false },
  ]);
});

test('a page that is known with each key once is read as if it were not known', async () => {
  const repeated = JSON.stringify(pageOf([...fifty.slice(0, 3), fifty[0]]));
  const edited = repeated.replaceAll('Sales WhatsApp', 'Renamed');
  const { enviaai } = await adapt(always(200, edited));
  const [full] = await readInTurn([repeated]);
  const known = { ...full, rows: full.rows.slice(0, 3) };
  const answer = await enviaai.list(caller, firstPage, known);
  expect(answer.rows.map(({ instance }) => instance?.name)).toEqual([
    'Renamed',
    'Support WhatsApp',
    'Marketing WhatsApp',
    'Renamed',
  ]);
});

test('of two lists in one page the last counts, whatever was known', async () => {
  const [{ id, name }] = fifty as [{ id: string; name: string }];
  const once = JSON.stringify(pageOf([{ id, name }]));
  const twice = once.replace('"pagination"', '"data":[{"id":"inst_last","name":"Z"}],"pagination"');
  const answers = await readInTurn([twice, once, twice]);
  expect(answers.map(({ rows }) => rows[0]?.key)).toEqual(['inst_last', id, 'inst_last']);
});

test.each([
  ['calls its rows otherwise', documentedPage.replace('"data"', '"rows"'), 'malformed'],
  ['is a refusal', documentedPage.replace('true', 'false'), 'refused'],
  ['is cut off', documentedPage.slice(0, -9), 'malformed'],
  ['has a row cut off', documentedPage.replace('"autoTyping": true}}', ''), 'malformed'],
  ['lacks a comma', documentedPage.replace('}},', '}}'), 'malformed'],
  ['has a comma too many', documentedPage.replace('}}\n  ]', '}},\n  ]'), 'malformed'],
  ['has no pagination', documentedPage.replace('"pagination"', '"paging"'), 'malformed'],
  [
    'names data again',
    documentedPage.replace('"pagination"', '"data": 1, "pagination"'),
    'malformed',
  ],
  [
    'names data again, spelled otherwise',
    documentedPage.replace('"pagination"', '"d\\u0061ta": 1, "pagination"'),
    'malformed',
  ],
])('a page that %s fails, whatever was known', async (_, body, kind) => {
  const { enviaai } = await adapt(inTurn([documentedPage, body]));
  const first = await enviaai.list(caller, firstPage);
  expect(await failureOf(enviaai.list(caller, firstPage, first))).toMatchObject({ kind });
});

/** Each body as an answer that is read beside the one before. */
async function readInTurn(bodies: string[], query: ListQuery = firstPage) {
  const { enviaai } = await adapt(inTurn(bodies));
  const answers: ListAnswer[] = [];
  for (const _ of bodies) answers.push(await enviaai.list(caller, query, answers.at(-1)));
  return answers as [ListAnswer, ListAnswer, ...ListAnswer[]];
}

function inTurn(bodies: readonly string[]): UpstreamHandler {
  const left = [...bodies];
  return (_, response) => {
    response.end(left.shift());
  };
}

/** Which row of another answer this one is itself; null: it is a new one. */
const identityIn =
  ({ rows }: ListAnswer) =>
  (row: Row): number | null =>
    rows.includes(row) ? rows.indexOf(row) : null;

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function moved<T>(items: readonly T[], from: number, to: number): T[] {
  return items.toSpliced(from, 1).toSpliced(to, 0, items[from]!);
}
