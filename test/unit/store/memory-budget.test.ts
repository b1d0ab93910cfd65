import { expect, test } from 'vitest';
import { createMemoryBudgetStore } from '#src/store/memory/memory-budget.ts';

test('a key that is asked with all along keeps its window, however many others come', async () => {
  const store = createMemoryBudgetStore();
  const take = { now: 0, assumedLimit: 1000, keepBack: 0 };
  let taken = 0;
  for (let stranger = 0; stranger < 45_000; stranger += 1) {
    await store.take(`stranger ${stranger}`, take);
    if (stranger % 100 !== 0) continue;
    taken += 1;
    expect((await store.take('used', take)).remaining).toBe(1000 - taken);
  }
});
