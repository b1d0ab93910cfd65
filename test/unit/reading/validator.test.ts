import { expect, test } from 'vitest';
import type { Page } from '#src/domain/page.ts';
import { createValidatorBuilder } from '#src/reading/session/validator.ts';

const pageAt = (offset: number): Page => ({
  filter: 'all',
  offset,
  rows: [],
  rowCount: 0,
  total: 200,
  hasMore: true,
  sentAt: 0,
  receivedAt: 0,
  version: 1,
  bytes: Buffer.alloc(0),
});

test('a cursor that several fields have is one walk start', () => {
  const page = pageAt(0);
  const validator = createValidatorBuilder();
  for (const cursor of ['a', 'b', 'a'])
    validator.startsWalk({ cursor, walkStart: 0, from: [page] });
  expect(validator.build([page])?.walkStarts).toEqual([
    { cursor: 'a', walkStart: 0, from: [0], fields: 2 },
    { cursor: 'b', walkStart: 0, from: [0], fields: 1 },
  ]);
});

test('a response with one cursor of two lists, which are of different pages, is not cacheable', () => {
  const pages = [pageAt(0), pageAt(90)];
  const validator = createValidatorBuilder();
  validator.startsWalk({ cursor: 'a', walkStart: 0, from: pages.slice(0, 1) });
  validator.startsWalk({ cursor: 'a', walkStart: 0, from: pages });
  expect(validator.build(pages)).toBeNull();
});
