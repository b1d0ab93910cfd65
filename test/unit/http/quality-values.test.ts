import { expect, test } from 'vitest';
import { encodingOf } from '#src/http/request/accept-encoding.ts';

test.each([
  [undefined, undefined],
  ['', undefined],
  ['gzip', 'gzip'],
  ['gzip, br', 'br'],
  ['gzip;q=1.000, br;q=0.999', 'gzip'],
  ['br;q=0, *', 'zstd'],
  ['br;q=0, zstd;q=0, *', 'gzip'],
  ['gzip, zstd', 'zstd'],
  ['*;q=0', undefined],
  ['identity', undefined],
  ['identity;q=0.5, gzip;q=0.6', 'gzip'],
  // Weights that RFC 9110 does not have are not acceptable.
  ['gzip;q=2, br;q=0.1', 'br'],
  ['gzip;q=0x1', undefined],
  ['gzip;q=1e-9', undefined],
  ['gzip;q=Infinity', undefined],
  ['gzip;q=-1', undefined],
  [',,;;q=1,=,', undefined],
])('the content coding for %j is %s', (header, coding) => {
  expect(encodingOf(header)).toBe(coding);
});
