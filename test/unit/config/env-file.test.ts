import { expect, test } from 'vitest';
import { parseEnvFile } from '#src/config/env-file.ts';

const parse = (text: string) => parseEnvFile(Buffer.from(text));

test('a file of assignments, comments, quotes and blank lines has no problems', () => {
  const text = [
    '# a comment',
    '',
    'PORT=4001',
    'export HOST = 127.0.0.1 # a comment',
    'AUTH_ISSUER="https://id.example.com" # a comment',
    "CORS_ORIGINS='https://a.example'",
    'REDIS_URL=',
    'TEXT="two',
    'lines = 2"',
    'LAST=1',
  ].join('\n');
  expect(parse(text)).toEqual({
    values: {
      PORT: '4001',
      HOST: '127.0.0.1',
      AUTH_ISSUER: 'https://id.example.com',
      CORS_ORIGINS: 'https://a.example',
      REDIS_URL: '',
      TEXT: 'two\nlines = 2',
      LAST: '1',
    },
    problems: [],
  });
});

test.each([
  ['a byte order mark', '\uFEFFPORT=1\nHOST=h'],
  ['line ends of Windows', 'PORT=1\r\nHOST=h\r\n'],
  ['both', '\uFEFFPORT=1\r\nHOST=h'],
])('every variable is read from a file with %s', (_, text) => {
  expect(parse(text)).toEqual({ values: { PORT: '1', HOST: 'h' }, problems: [] });
});

test.each(['PORT', 'PORT: 5', '=5', '5PORT=5', 'PO RT=5', 'set PORT=5', '; PORT', '}', 'PO-RT=5'])(
  'a line that is no assignment is reported, and costs no other line: %j',
  (line) => {
    const problems = ['line 2 is not NAME=value, and is ignored'];
    expect(parse(`FRESH_MS=1\n${line}\nHOST=h`)).toEqual({
      values: { FRESH_MS: '1', HOST: 'h' },
      problems,
    });
  },
);

test('a quote that is not closed, and text after a quote, are reported without the value', () => {
  const text = 'ENVIAAI_API_KEY="sk_live_secret\nPORT=1\nHOST="h"secret\nLOG_LEVEL=info';
  // The first quote ends at the next one: the lines between are its value.
  expect(parse(text).problems).toEqual([
    'line 1 has text after the closing quote, which is ignored',
  ]);
  expect(parse("ENVIAAI_API_KEY='sk_live_secret\nPORT=1")).toEqual({
    values: { PORT: '1' },
    problems: ['line 1 has no closing quote, and is ignored'],
  });
  expect(parse(text).problems.join()).not.toContain('secret');
});

test('a file in UTF-16, which an editor on Windows may write, is reported as a whole', () => {
  expect(parseEnvFile(Buffer.from('\uFEFFPORT=1', 'utf16le'))).toEqual({
    values: {},
    problems: ['is ignored, because it is not text in UTF-8'],
  });
});
