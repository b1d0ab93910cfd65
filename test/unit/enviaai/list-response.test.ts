import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseListResponse } from '#src/enviaai/client/instances.ts';

const rowsOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `inst_${index}`, name: 'A' }));

function read(rows: number, pagination: unknown, offset = 0, limit = 3) {
  const bytes = Buffer.from(JSON.stringify({ data: rowsOf(rows), pagination }));
  const response = parseListResponse(bytes, { status: 'all', limit, offset });
  return { rows: response.rows.length, total: response.total, hasMore: response.hasMore };
}

test.each([
  ['as documented', 3, 0, { total: 7, hasMore: true }, { rows: 3, total: 7, hasMore: true }],
  ['at the end', 1, 6, { total: 7, hasMore: false }, { rows: 1, total: 7, hasMore: false }],
  ['in digits', 3, 0, { total: '7', hasMore: 'true' }, { rows: 3, total: 7, hasMore: true }],
  ['with 1 for true', 3, 0, { total: 7, hasMore: 1 }, { rows: 3, total: 7, hasMore: true }],
  ['without hasMore', 3, 0, { total: 7 }, { rows: 3, total: 7, hasMore: true }],
  ['without hasMore, at the end', 1, 6, { total: 7 }, { rows: 1, total: 7, hasMore: false }],
  ['without a total', 3, 3, { hasMore: true }, { rows: 3, total: 7, hasMore: true }],
  ['without a total, at the end', 2, 3, { hasMore: false }, { rows: 2, total: 5, hasMore: false }],
  ['without pagination values, full', 3, 0, {}, { rows: 3, total: 4, hasMore: true }],
  ['without pagination values, not full', 2, 0, {}, { rows: 2, total: 2, hasMore: false }],
  ['without pagination values, empty', 0, 0, {}, { rows: 0, total: 0, hasMore: false }],
  ['with null', 2, 0, { total: null, hasMore: null }, { rows: 2, total: 2, hasMore: false }],
  ['with odd values', 2, 0, { total: -1, hasMore: 'x' }, { rows: 2, total: 2, hasMore: false }],
  ['with 1.5', 2, 0, { total: 1.5, hasMore: false }, { rows: 2, total: 2, hasMore: false }],
  ['too low', 3, 3, { total: 2, hasMore: false }, { rows: 3, total: 6, hasMore: false }],
  ['too low for hasMore', 3, 0, { total: 3, hasMore: true }, { rows: 3, total: 3, hasMore: true }],
  ['empty, with more', 0, 0, { total: 9, hasMore: true }, { rows: 0, total: 9, hasMore: false }],
  ['past the end', 0, 9, { total: 7, hasMore: false }, { rows: 0, total: 7, hasMore: false }],
  ['past the end, without values', 0, 9, {}, { rows: 0, total: 9, hasMore: false }],
  [
    'of two rows and a total of a billion',
    2,
    0,
    { total: 1e9, hasMore: false },
    { rows: 2, total: 2, hasMore: false },
  ],
  [
    'without rows and a total of a billion',
    0,
    0,
    { total: 1e9, hasMore: false },
    { rows: 0, total: 0, hasMore: false },
  ],
  [
    'that is full, and has no more',
    3,
    0,
    { total: 7, hasMore: false },
    { rows: 3, total: 7, hasMore: false },
  ],
  ['with too many rows', 5, 0, { total: 5, hasMore: false }, { rows: 3, total: 5, hasMore: true }],
  ['with too many rows, without values', 5, 0, {}, { rows: 3, total: 5, hasMore: true }],
])('a page %s has a plausible total and hasMore', (_, rows, offset, pagination, expected) => {
  expect(read(rows, pagination, offset)).toEqual(expected);
});

test('a short page with hasMore has more', () => {
  expect(read(2, { total: 7, hasMore: true }, 0, 100)).toEqual({
    rows: 2,
    total: 7,
    hasMore: true,
  });
});

test('no pagination makes a page contradict its rows', () => {
  fc.assert(
    fc.property(
      fc.nat(8),
      fc.integer({ min: 1, max: 5 }),
      fc.nat(200),
      fc.record({ total: fc.jsonValue(), hasMore: fc.jsonValue() }, { requiredKeys: [] }),
      (rowCount, limit, offset, pagination) => {
        const { rows, total, hasMore } = read(rowCount, pagination, offset, limit);
        expect(rows).toBe(Math.min(rowCount, limit));
        expect(Number.isSafeInteger(total) && total >= 0).toBe(true);
        if (rows > 0) expect(total).toBeGreaterThanOrEqual(offset + rows);
        if (rows === 0) expect(hasMore).toBe(false);
        if (rowCount > limit) expect(hasMore).toBe(true);
      },
    ),
  );
});
