import { expect, test } from 'vitest';
import { createRedisBreakers } from '#src/store/redis/redis-breakers.ts';
import { commonGroup } from '#src/store/redis/redis-script.ts';

function start() {
  const changes: boolean[] = [];
  const breakers = createRedisBreakers((isUp) => changes.push(isUp));
  return { ...breakers, changes };
}

test('no group is available before the common one', () => {
  const { isUp, close, changes } = start();
  expect([isUp('ab'), isUp(commonGroup)]).toEqual([false, false]);
  close('ab');
  expect(isUp('ab')).toBe(false);
  close(commonGroup);
  expect([isUp('ab'), isUp(commonGroup)]).toEqual([true, true]);
  expect(changes).toEqual([true]);
});

test('an open breaker stops commands of its group only, and its close begins another epoch', () => {
  const { isUp, areAllUp, open, close, openGroups, epoch, changes } = start();
  close(commonGroup);
  open('ab');
  open('cd');
  expect([isUp('ab'), isUp('ef'), areAllUp()]).toEqual([false, true, false]);
  expect(openGroups()).toEqual(['ab', 'cd']);
  close('ab');
  expect([isUp('ab'), areAllUp(), epoch()]).toEqual([true, false, 2]);
  close('cd');
  expect([areAllUp(), epoch()]).toEqual([true, 3]);
  close('cd');
  expect(epoch()).toBe(3);
  expect(changes).toEqual([true, false, true]);
});

test('a lost connection stops all, and the common group does not close the breakers of others', () => {
  const { isUp, open, openAll, close, changes } = start();
  close(commonGroup);
  open('ab');
  openAll();
  expect(isUp('cd')).toBe(false);
  close(commonGroup);
  expect([isUp('cd'), isUp('ab')]).toEqual([true, false]);
  close('ab');
  expect(changes).toEqual([true, false, true]);
});

test('a lost node begins another epoch, although no breaker was open', () => {
  const { lose, close, epoch, areAllUp } = start();
  close(commonGroup);
  const before = epoch();
  lose();
  expect(epoch()).toBe(before + 1);
  expect(areAllUp()).toBe(true);
});
