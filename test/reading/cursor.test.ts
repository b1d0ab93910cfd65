import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Cursor, encodeCursor, withWalkStart } from '#src/reading/cursor.ts';

const short = fc.nat({ max: 2 ** 32 - 1 });
const time = fc.nat({ max: 2 ** 42 });
const count = fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 2 ** 31 - 1 }));
const shorts = fc.array(short, { maxLength: 8 });

const cursors: fc.Arbitrary<Cursor> = fc.record({
  filter: fc.constantFrom('all', 'connected', 'disconnected', 'connecting'),
  full: fc.boolean(),
  offset: count,
  total: count,
  row: fc.nat({ max: 2 ** 48 - 1 }),
  createdAtMs: fc.option(time),
  walkStart: time,
  before: shorts,
  after: shorts,
  reachesStart: fc.boolean(),
  reachesEnd: fc.boolean(),
  landmarks: fc.array(fc.record({ short, distance: fc.nat({ max: 1000 }) }), { maxLength: 8 }),
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
