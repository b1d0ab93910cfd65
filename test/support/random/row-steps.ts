import * as fc from 'fast-check';

/** Statuses that EnviaAI's list shows. */
const statuses = ['connected', 'disconnected', 'connecting'] as const;

/** Changes of an account: rows get a status, come, go, and move. `wait` is the time after each. */
export const rowSteps = (row: fc.Arbitrary<number>, wait: fc.Arbitrary<number>) =>
  [
    fc.record({
      do: fc.constant('status' as const),
      row,
      status: fc.constantFrom(...statuses),
      wait,
    }),
    fc.record({ do: fc.constant('add' as const), row, wait }),
    fc.record({
      do: fc.constant('remove' as const),
      row,
      count: fc.integer({ min: 1, max: 30 }),
      wait,
    }),
    fc.record({ do: fc.constant('move' as const), row, to: row, wait }),
  ] as const;
