import { expect, test } from 'vitest';
import { createMemoryBudgetStore } from '#src/store/memory/memory-budget.ts';

test('a tenant that is active keeps its window, however many other tenants come', async () => {
  const store = createMemoryBudgetStore();
  let taken = 0;
  const request = { now: 0, assumedLimit: 1000, reserve: 0, ticketMs: 1000 };
  for (let stranger = 0; stranger < 45_000; stranger += 1) {
    await store.take(`stranger ${stranger}`, { ...request, ticket: 'ticket' });
    if (stranger % 100 !== 0) continue;
    taken += 1;
    expect((await store.take('active', { ...request, ticket: `${taken}` })).remaining).toBe(
      1000 - taken,
    );
  }
});
