import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Instance, unreadable } from '#src/domain/instance.ts';
import type { Row } from '#src/domain/row.ts';
import { withRowIdentity } from '#src/reading/pages/row-identity.ts';

const text = fc.oneof(fc.constantFrom(null, 'a', 'b'));
const readable = fc.oneof(text, fc.constant(unreadable));

const instances: fc.Arbitrary<Instance> = fc.record({
  id: fc.constant('inst_a'),
  name: fc.constantFrom('a', 'b'),
  phone: text,
  status: fc.constantFrom('connected', 'disconnected'),
  profileName: text,
  profilePicUrl: readable,
  createdAt: readable,
  lastSeenAt: readable,
  webhookUrl: readable,
  webhookEvents: fc.option(fc.array(fc.constantFrom('x', 'y'), { maxLength: 2 })),
  settings: fc.option(fc.record({ autoRead: fc.boolean(), autoTyping: fc.boolean() })),
});

const rowOf = (key: string, instance: Instance | null = null): Row => ({ key, instance });

test('a row is the earlier object exactly where every field is equal', () => {
  fc.assert(
    fc.property(instances, instances, (a, b) => {
      const before = [rowOf('inst_a', a)];
      const [row] = withRowIdentity(before, [rowOf('inst_a', structuredCloneOf(b))]);
      expect(row === before[0]).toBe(isDeepEqual(a, b));
    }),
    { numRuns: 2000 },
  );
});

test('a change of any one field makes another object', () => {
  const [sample] = fc.sample(instances, { numRuns: 1, seed: 1 }) as [Instance];
  for (const field of Object.keys(sample)) {
    const changed = { ...sample, [field]: field === 'settings' ? null : 'other' } as Instance;
    if (field === 'settings' && sample.settings === null) continue;
    if (field === 'id') continue;
    if (field === 'webhookEvents') Object.assign(changed, { webhookEvents: ['other'] });
    const before = [rowOf('inst_a', sample)];
    const [row] = withRowIdentity(before, [rowOf('inst_a', changed)]);
    expect(row === before[0], field).toBe(false);
  }
});

test('rows that moved stay the same objects, and an unchanged page stays the same array', () => {
  const before = ['a', 'b', 'c'].map((key) => rowOf(key));
  const moved = withRowIdentity(before, [rowOf('c'), rowOf('a'), rowOf('new')]);
  expect([moved[0], moved[1]]).toEqual([before[2], before[0]]);
  expect(moved[0]).toBe(before[2]);
  expect(
    withRowIdentity(
      before,
      before.map(({ key }) => rowOf(key)),
    ),
  ).toBe(before);
});

/** A copy with the same symbols. */
const structuredCloneOf = (instance: Instance): Instance => ({
  ...instance,
  webhookEvents: instance.webhookEvents && [...instance.webhookEvents],
  settings: instance.settings && { ...instance.settings },
});

const isDeepEqual = (a: Instance, b: Instance): boolean => {
  const json = (value: Instance) =>
    JSON.stringify(value, (_, each: unknown) => (each === unreadable ? '?unreadable' : each));
  return json(a) === json(b);
};
