import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createTurnEnd } from '#src/http/response/turn-end.ts';

/** Notes when each of `count` responses may be sent; `work` follows each of them in the same turn. */
async function sentAmongWork(count: number): Promise<readonly string[]> {
  const turnEnd = createTurnEnd();
  const order: string[] = [];
  const send = async (name: string) => {
    await turnEnd();
    order.push(`send ${name}`);
  };
  const sent: Promise<void>[] = [];
  for (let number = 1; number <= count; number += 1) {
    sent.push(send(String(number)));
    await Promise.resolve();
    order.push(`work ${number}`);
  }
  await nextTurn();
  await Promise.all(sent);
  return order;
}

test('the responses of one turn are sent together at its end', async () => {
  expect(await sentAmongWork(3)).toEqual([
    'work 1',
    'work 2',
    'work 3',
    'send 1',
    'send 2',
    'send 3',
  ]);
});

test('a burst of requests delays no response by more than 15 others', async () => {
  const order = await sentAmongWork(40);
  for (let number = 1; number <= 40; number += 1) {
    const work = order.slice(order.indexOf(`work ${number}`), order.indexOf(`send ${number}`));
    expect(work.filter((entry) => entry.startsWith('work')).length).toBeLessThanOrEqual(16);
  }
});

test('a response in a later turn is sent at the end of that turn', async () => {
  const turnEnd = createTurnEnd();
  await turnEnd();
  let isSent = false;
  const sent = turnEnd().then(() => (isSent = true));
  await Promise.resolve();
  expect(isSent).toBe(false);
  await sent;
});
