import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Instance } from '#src/domain/instance.ts';
import { read, readWith } from '#test/support/enviaai/rows.ts';

test('a row with only an id and a name is an instance', () => {
  expect(readWith({})).toEqual({
    id: 'inst_1',
    name: 'A',
    phone: null,
    status: 'unknown',
    profileName: null,
    profilePicUrl: null,
    createdAt: null,
    lastSeenAt: null,
    webhookUrl: null,
    webhookEvents: null,
    settings: null,
  });
});

test.each<[keyof Instance, unknown, unknown]>([
  ['phone', '5511999999999', '5511999999999'],
  ['phone', 5511999999999, '5511999999999'],
  ['phone', '', null],
  ['phone', null, null],
  ['name', 7, '7'],
  ['name', '', ''],
  ['name', 'مبيعات 🇧🇷 👩‍👩‍👧', 'مبيعات 🇧🇷 👩‍👩‍👧'],
  ['name', ' a\u202Eb\u0000 ', ' a\u202Eb\u0000 '],
  ['name', 'x'.repeat(100_000), 'x'.repeat(100_000)],
  ['profileName', '', ''],
  ['profileName', 12, '12'],
  ['profileName', [], null],
  ['status', 'connected', 'connected'],
  ['status', 'disconnected', 'disconnected'],
  ['status', 'connecting', 'connecting'],
  ['status', 'qr_pending', 'qr_pending'],
  ['status', 'Connected', 'connected'],
  ['status', 'DISCONNECTED', 'disconnected'],
  ['status', ' connecting ', 'connecting'],
  ['status', 'QR_PENDING', 'qr_pending'],
  ['status', 'qr-pending', 'qr_pending'],
  ['status', 'Qr Pending', 'qr_pending'],
  ['status', 'dis-connected', 'unknown'],
  ['status', 'banned', 'unknown'],
  ['status', 'constructor', 'unknown'],
  ['status', null, 'unknown'],
  ['status', 1, 'unknown'],
  ['settings', null, null],
  ['settings', 'yes', null],
  ['settings', [], null],
  ['settings', {}, null],
  ['settings', { autoRead: true }, null],
  ['settings', { autoRead: true, autoTyping: 'perhaps' }, null],
  ['settings', { autoRead: true, autoTyping: false }, { autoRead: true, autoTyping: false }],
  ['settings', { autoRead: 'true', autoTyping: 'false' }, { autoRead: true, autoTyping: false }],
  ['settings', { autoRead: 1, autoTyping: 0 }, { autoRead: true, autoTyping: false }],
  ['settings', { autoRead: 'True', autoTyping: 'FALSE' }, { autoRead: true, autoTyping: false }],
  ['settings', { autoRead: 2, autoTyping: 0 }, null],
  ['webhookEvents', ['a', 'b'], ['a', 'b']],
  ['webhookEvents', [], []],
  ['webhookEvents', ['a', 1, null, { b: 1 }], ['a']],
  ['webhookEvents', 'a', null],
  ['webhookEvents', { 0: 'a' }, null],
])('%s %j is parsed as %j', (field, value, expected) => {
  expect(readWith({ [field]: value })[field]).toEqual(expected);
});

describe('a row that cannot be read', () => {
  test.each([
    [{ name: 'A' }],
    [{ id: '', name: 'A' }],
    [{ id: null, name: 'A' }],
    [{ id: 1.5, name: 'A' }],
    [{ id: 'x'.repeat(129), name: 'A' }],
    [{ id: { a: 1 }, name: 'A' }],
    [null],
    ['inst_1'],
    [7],
    [[]],
  ])('has a key of its own: %j', (value) => {
    const [bad, good] = read([value, { id: 'inst_2', name: 'B' }]);
    expect(bad).toEqual({ key: expect.stringMatching(/^\?[\w-]{22}$/), instance: null });
    expect(good?.instance?.name).toBe('B');
    expect(read([value])[0]?.key).toBe(bad?.key);
  });

  test.each([[{ id: 'inst_1' }], [{ id: 'inst_1', name: null }], [{ id: 'inst_1', name: {} }]])(
    'because it has no name has its id as the key: %j',
    (value) => {
      expect(read([value])).toEqual([{ key: 'inst_1', instance: null }]);
    },
  );

  test('has another key than other rows', () => {
    const [one, other] = read([{ name: 'A' }, { name: 'B' }]);
    expect(one?.key).not.toBe(other?.key);
  });

  test('may be nested deeper than the stack', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const rows = read(`[${deep},{"id":"inst_1","name":"A","settings":${deep}}]`);
    expect(rows.map(({ instance }) => instance?.name)).toEqual([undefined, 'A']);
  });
});

test('an id that is a number is converted to its digits', () => {
  expect(read([{ id: 42, name: 'A' }])[0]?.instance?.id).toBe('42');
});

test('an id may have 128 characters', () => {
  expect(read([{ id: 'x'.repeat(128), name: 'A' }])[0]?.key).toHaveLength(128);
});

test('a row cannot change any prototype', () => {
  const rows = read(
    '[{"__proto__":{"id":"inst_0","name":"Z","polluted":1},"constructor":{"prototype":{"polluted":1}}},' +
      '{"id":"inst_1","name":"A","settings":{"__proto__":{"autoRead":true,"autoTyping":true}}}]',
  );
  expect(rows[0]).toMatchObject({ key: expect.stringMatching(/^\?/), instance: null });
  expect(rows[1]?.instance?.settings).toBeNull();
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

const fieldNames = [
  'id',
  'name',
  'phone',
  'status',
  'profileName',
  'profilePicUrl',
  'createdAt',
  'lastSeenAt',
  'webhookUrl',
  'webhookEvents',
  'settings',
];
const anyRow = fc.oneof(
  fc.jsonValue(),
  fc.dictionary(fc.constantFrom(...fieldNames, '__proto__', 'extra'), fc.jsonValue()),
);

test('no row, whatever its JSON, throws or affects other rows', () => {
  const good = { id: 'inst_good', name: 'Good', status: 'connected' };
  fc.assert(
    fc.property(fc.array(anyRow, { maxLength: 20 }), fc.nat(20), (others, at) => {
      const place = Math.min(at, others.length);
      const rows = read([...others.slice(0, place), good, ...others.slice(place)]);
      expect(rows).toHaveLength(others.length + 1);
      expect(rows[place]?.instance).toMatchObject(good);
      for (const row of rows) expect(row.key).not.toBe('');
    }),
    { numRuns: 500 },
  );
});
