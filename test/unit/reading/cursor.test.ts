import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '#src/domain/failure.ts';
import {
  type Cursor,
  decodeCursor,
  encodeCursor,
  withWalkStart,
} from '#src/reading/cursor/cursor.ts';

const shortHash = fc.nat({ max: 2 ** 32 - 1 });
const time = fc.nat({ max: 2 ** 42 });
const count = fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 2 ** 31 - 1 }));
const shortHashes = fc.array(shortHash, { maxLength: 8 });

const cursors: fc.Arbitrary<Cursor> = fc.record({
  filter: fc.constantFrom('all', 'connected', 'disconnected', 'connecting'),
  full: fc.boolean(),
  offset: count,
  total: count,
  row: fc.nat({ max: 2 ** 48 - 1 }),
  createdAtMs: fc.option(time),
  walkStart: time,
  before: shortHashes,
  after: shortHashes,
  reachesStart: fc.boolean(),
  reachesEnd: fc.boolean(),
  landmarks: fc.array(fc.record({ shortHash, distance: fc.nat({ max: 1000 }) }), { maxLength: 8 }),
  landmarksOf: fc.constantFrom('forward', 'backward'),
});

test('a cursor whose walk begins at another time is as long, and else the same', () => {
  fc.assert(
    fc.property(cursors, time, (cursor, walkStart) => {
      const before = encodeCursor('tenant', cursor);
      const after = withWalkStart('tenant', before, walkStart);
      expect(after).toBe(encodeCursor('tenant', { ...cursor, walkStart }));
      expect(after).toHaveLength(before.length);
    }),
  );
});

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

test('a cursor is read back as it was written, and not at all with one character changed, whichever it is', () => {
  fc.assert(
    fc.property(
      cursors,
      fc.nat(),
      fc.constantFrom(...alphabet.split('')),
      (cursor, place, other) => {
        const owner = { tenant: 'tenant', filter: cursor.filter, argument: 'after' };
        const text = encodeCursor('tenant', cursor);
        expect(decodeCursor(text, owner)).toEqual(cursor);
        expect(() => decodeCursor(text, { ...owner, tenant: 'another' })).toThrow(Failure);

        const at = place % text.length;
        fc.pre(text[at] !== other);
        const changed = text.slice(0, at) + other + text.slice(at + 1);
        expect(() => decodeCursor(changed, owner)).toThrow(Failure);
      },
    ),
    { numRuns: 1000 },
  );
});

test('a cursor that was made up, with a checksum that fits, leads to no place that no list has', () => {
  const owner = { tenant: 'tenant', filter: 'all' as const, argument: 'after' };
  const place = { filter: 'all' as const, full: false, row: 1, createdAtMs: null, walkStart: 1 };
  const around = { before: [], after: [], reachesStart: false, reachesEnd: false };
  const none = { landmarks: [], landmarksOf: 'forward' as const };
  const made = (offset: number, total: number) =>
    encodeCursor('tenant', { ...place, ...around, ...none, offset, total });
  expect(decodeCursor(made(2 ** 31 - 1, 0), owner).offset).toBe(2 ** 31 - 1);
  for (const text of [made(2 ** 31, 0), made(2 ** 52, 0), made(0, 2 ** 40)]) {
    expect(() => decodeCursor(text, owner)).toThrow(Failure);
  }
});
