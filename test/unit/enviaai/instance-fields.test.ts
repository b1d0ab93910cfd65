import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { unreadable } from '#src/domain/instance.ts';
import { readWith } from '#test/support/enviaai/rows.ts';

describe('dates', () => {
  test.each([
    ['2026-01-01T10:00:00.000Z', '2026-01-01T10:00:00.000Z'],
    ['2026-01-01T10:00:00Z', '2026-01-01T10:00:00.000Z'],
    ['2026-01-01T10:00Z', '2026-01-01T10:00:00.000Z'],
    ['2026-01-01T10:00:00.5Z', '2026-01-01T10:00:00.500Z'],
    ['2026-01-01T10:00:00.123456789Z', '2026-01-01T10:00:00.123Z'],
    ['2026-01-01T10:00:00,250Z', '2026-01-01T10:00:00.250Z'],
    ['2026-01-01T10:00:00-03:00', '2026-01-01T13:00:00.000Z'],
    ['2026-01-01T00:30:00.000+0530', '2025-12-31T19:00:00.000Z'],
    ['2026-01-01T10:00:00', '2026-01-01T10:00:00.000Z'],
    ['2026-01-01', '2026-01-01T00:00:00.000Z'],
    ['2026-01-01t10:00:00z', '2026-01-01T10:00:00.000Z'],
    ['2026-01-01 10:00:00', '2026-01-01T10:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2000-02-29', '2000-02-29T00:00:00.000Z'],
    ['2026-12-31', '2026-12-31T00:00:00.000Z'],
  ])('%s is %s', (text, expected) => {
    expect(readWith({ createdAt: text }).createdAt).toBe(expected);
    expect(readWith({ lastSeenAt: text }).lastSeenAt).toBe(expected);
  });

  test.each([
    '2026-02-30',
    '2025-02-29',
    '2100-02-29',
    '2026-04-31',
    '2026-00-10',
    '2026-01-00',
    '2026-01-32',
    '2026-01-01T10:00:60Z',
    '2026-02-30T10:00:00.000Z',
    '2026-13-01T10:00:00.000Z',
    '2026-01-01T24:00:00.000Z',
    '2026-01-01T10:60:00Z',
    '2026-01-01T10:00:00+24:00',
    '2026-01-01T10:00:00+01:60',
    '9999-12-31T23:59:59-10:00',
    '2026-1-1',
    '2026-01-01T',
    '2026-01',
    'yesterday',
    'Tue, 03 Feb 2026 12:00:00 GMT',
    '1767261600',
    1767261600,
    1767261600000,
    true,
    {},
    [],
  ])('%j is not a date', (value) => {
    expect(readWith({ createdAt: value }).createdAt).toBe(unreadable);
  });

  test.each([null, '', undefined])('%j is null', (value) => {
    expect(readWith({ createdAt: value }).createdAt).toBeNull();
  });

  test('a day is a date if and only if it is in the calendar', () => {
    const days = fc.tuple(fc.integer({ min: 1000, max: 2999 }), fc.nat(14), fc.nat(33));
    fc.assert(
      fc.property(days, ([year, month, day]) => {
        const pad = (value: number) => String(value).padStart(2, '0');
        const text = `${year}-${pad(month)}-${pad(day)}`;
        const date = new Date(Date.UTC(year, month - 1, day));
        const real = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
        expect(readWith({ createdAt: text }).createdAt).toBe(
          real ? date.toISOString() : unreadable,
        );
      }),
      { numRuns: 1000 },
    );
  });

  test('a time in any zone is converted to the same time in UTC', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date('9990-01-01'), noInvalidDate: true }),
        fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 }),
        (date, offset) => {
          const pad = (value: number) => String(value).padStart(2, '0');
          const zone = `${offset < 0 ? '-' : '+'}${pad(Math.trunc(Math.abs(offset) / 60))}:${pad(Math.abs(offset) % 60)}`;
          const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
          expect(readWith({ createdAt: local + zone }).createdAt).toBe(date.toISOString());
        },
      ),
    );
  });
});

describe('phone numbers', () => {
  test.each([
    ['5511999999999', '5511999999999'],
    [5511999999999, '5511999999999'],
    ['+5511999999999', '5511999999999'],
    ['+55 (11) 99999-9999', '5511999999999'],
    ['+55\u00A011\u00A099999\u20119999', '5511999999999'],
    ['\u202A+55 11 99999–9999\u202C', '5511999999999'],
    ['＋５５ １１ ９９９９９ ９９９９', '5511999999999'],
    ['0055 11 99999.9999', '5511999999999'],
    ['tel:+55-11-99999-9999', '5511999999999'],
    ['+44 (0)20 7946 0958', '442079460958'],
    ['5511999999999@s.whatsapp.net', '5511999999999'],
    ['5511999999999:12@s.whatsapp.net', '5511999999999'],
    ['5511999999999.0:12@S.WhatsApp.net', '5511999999999'],
    ['5511999999999@c.us', '5511999999999'],
  ])('%j is %s', (value, digits) => {
    expect(readWith({ phone: value }).phone).toBe(digits);
  });

  test.each([
    '123456789012345@lid',
    '123456789012345:3@lid',
    '120363025246125486@g.us',
    'status@broadcast',
    // A national number: with its digits alone it would be a number of another country.
    '(11) 99999-9999',
    '011999999999',
    '+0 11 99999 9999',
    '+55 11 99999-9999 ext. 5',
    '+55 11 99999-9999, +55 11 88888-8888',
    '+1234567890123456',
    '5511',
    'unknown',
    ' ',
    '+',
    '+55'.repeat(100_000),
    0,
    -5511999999999,
    1.5,
    true,
    {},
    [],
  ])('%j is not a phone number', (value) => {
    expect(readWith({ phone: value }).phone).toBe(unreadable);
  });

  test.each([null, '', undefined])('%j is null', (value) => {
    expect(readWith({ phone: value }).phone).toBeNull();
  });
});

describe('addresses', () => {
  test.each([
    'https://pps.whatsapp.net/v/t61.24694-24/...',
    'http://localhost:3000/hook?a=b#c',
    'HTTPS://EXAMPLE.com',
    'https://exämple.com/ação',
  ])('%s is unchanged', (url) => {
    expect(readWith({ profilePicUrl: url }).profilePicUrl).toBe(url);
    expect(readWith({ webhookUrl: url }).webhookUrl).toBe(url);
  });

  test.each([
    'javascript:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,x',
    'ftp://example.com',
    '//example.com/a',
    '/a.png',
    'example.com',
    'https://',
    'https://a b/',
    ' https://example.com',
    7,
    {},
    false,
  ])('%j is not an address', (value) => {
    expect(readWith({ profilePicUrl: value }).profilePicUrl).toBe(unreadable);
  });

  test.each([null, '', undefined])('%j is null', (value) => {
    expect(readWith({ profilePicUrl: value }).profilePicUrl).toBeNull();
  });
});

describe('the webhook', () => {
  const top = 'https://top.example/hook';
  const inner = 'https://inner.example/hook';

  test.each([
    ['only in the row', { webhookUrl: top }, top],
    ['only in the settings', { settings: { webhookUrl: inner } }, inner],
    [
      'in both, and that of the row is used',
      { webhookUrl: top, settings: { webhookUrl: inner } },
      top,
    ],
    ['null in the row', { webhookUrl: null, settings: { webhookUrl: inner } }, inner],
    ['null in both', { webhookUrl: null, settings: { webhookUrl: null } }, null],
    ['unreadable in the settings', { settings: { webhookUrl: 'x' } }, unreadable],
  ])('URL is found %s', (_, fields, expected) => {
    expect(readWith(fields).webhookUrl).toBe(expected);
  });

  test.each([
    ['only in the row', { webhookEvents: ['top'] }, ['top']],
    ['only in the settings', { settings: { webhookEvents: ['in'] } }, ['in']],
    ['in both', { webhookEvents: ['top'], settings: { webhookEvents: ['in'] } }, ['top']],
    ['empty in the row', { webhookEvents: [], settings: { webhookEvents: ['in'] } }, []],
  ])('events are found %s', (_, fields, expected) => {
    expect(readWith(fields).webhookEvents).toEqual(expected);
  });
});
