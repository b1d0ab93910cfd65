import { expect, test } from 'vitest';
import { createBulkhead } from '#src/reading/upstream/bulkhead.ts';

const stays = new AbortController().signal;
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('hanging calls of one tenant leave room for the others', async () => {
  const bulkhead = createBulkhead({ total: 10, perTenant: 3 });
  const entered: string[] = [];
  for (let call = 0; call < 8; call += 1) {
    void bulkhead.enter('hanging', stays).then(() => entered.push('hanging'));
  }
  await bulkhead.enter('other', stays);
  entered.push('other');
  expect(entered).toEqual(['hanging', 'hanging', 'hanging', 'other']);
});

test('what room there is goes round among the tenants that wait', async () => {
  const bulkhead = createBulkhead({ total: 1, perTenant: 1 });
  const order: string[] = [];
  const leave = await bulkhead.enter('first', stays);
  const run = async (tenant: string) => {
    const done = await bulkhead.enter(tenant, stays);
    order.push(tenant);
    done();
  };
  const runs = ['a', 'a', 'a', 'b', 'c', 'b'].map(run);
  leave();
  await Promise.all(runs);
  expect(order).toEqual(['a', 'b', 'c', 'a', 'b', 'a']);
});

test('a call that is given up while it waits takes no room', async () => {
  const bulkhead = createBulkhead({ total: 1, perTenant: 1 });
  const leave = await bulkhead.enter('one', stays);
  const gone = new AbortController();
  const waiting = bulkhead.enter('two', gone.signal);
  gone.abort();
  await expect(waiting).rejects.toMatchObject({ kind: 'unavailable' });
  leave();
  leave();
  const next = await bulkhead.enter('three', stays);
  let fourth = false;
  void bulkhead.enter('four', stays).then(() => (fourth = true));
  await turn();
  expect(fourth).toBe(false);
  next();
  await turn();
  expect(fourth).toBe(true);
});

test('callers of one tenant take turns, so that waiting calls of one do not delay another', async () => {
  const bulkhead = createBulkhead({ total: 1, perTenant: 1 });
  const order: string[] = [];
  const leave = await bulkhead.enter('tenant', stays, { caller: 'first' });
  const run = async (caller: string) => {
    const done = await bulkhead.enter('tenant', stays, { caller });
    order.push(caller);
    done();
  };
  const runs = ['a', 'a', 'a', 'b', 'c', 'b'].map(run);
  leave();
  await Promise.all(runs);
  expect(order).toEqual(['a', 'b', 'c', 'a', 'b', 'a']);
});
