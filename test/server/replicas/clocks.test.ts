import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { start } from '#test/support/start.ts';

const page = /* GraphQL */ `
  query ($after: String) {
    instances(first: 50, after: $after) {
      nodes {
        id
      }
      pageInfo {
        endCursor
      }
    }
  }
`;

test.each([50, 10_000, 3_600_000])(
  'a cursor from a replica whose clock is %i ms ahead goes on at another for no more calls',
  async (aheadMs) => {
    const now = Date.UTC(2026, 0, 1);
    const ahead = await start({ instances: 250, clock: createTestClock(now + aheadMs) });
    const other = await start({ instances: 250, clock: createTestClock(now) });
    const first = await ahead.query(page);
    const after = first.data.instances.pageInfo.endCursor;
    const second = await other.query(page, { after });
    expect(second.errors).toBeUndefined();
    expect(second.data.instances.nodes).toHaveLength(50);
    expect(second.data.instances.nodes[0]).not.toEqual(first.data.instances.nodes[49]);
    expect(other.calls()).toHaveLength(1);
  },
);
