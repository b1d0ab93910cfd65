import { expect, test } from 'vitest';
import { ConfigError, parseConfig } from '#src/config/config.ts';

function problemsOf(CORS_ORIGINS: string): readonly string[] {
  try {
    parseConfig({ CORS_ORIGINS });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

test('CORS_ORIGINS are separated by commas, and compared in lower case', () => {
  const CORS_ORIGINS = 'https://App.Example.com, http://localhost:3000,http://[::1]:5173';
  expect(parseConfig({ CORS_ORIGINS }).cors).toEqual({
    kind: 'origins',
    origins: ['https://app.example.com', 'http://localhost:3000', 'http://[::1]:5173'],
  });
});

test.each([
  'capacitor://localhost',
  'ionic://localhost',
  'tauri://localhost',
  'chrome-extension://abcdefghijklmnop',
  'app://obsidian.md',
  'https://*.example.com',
  'https://*.example.com:8443',
  'http://*.localhost:3000',
  'https://xn--bcher-kva.example',
])('the origin of an app, and one wildcard label, are accepted: %s', (origin) => {
  expect(problemsOf(origin)).toEqual([]);
});

test.each([
  ['*', 'is "*", which admits the pages of every site: list the origins'],
  ['null', 'is "null", which is the origin of any page in a sandboxed frame'],
  ['https://a.example/', 'has a path or a final slash'],
  ['https://a.example/x', 'has a path or a final slash'],
  ['https://a.example?x', 'has a path or a final slash'],
  ['capacitor://localhost/', 'has a path or a final slash'],
  ['a.example', 'has no scheme'],
  ['localhost:3000', 'has no scheme'],
  ['file:///app/index.html', 'has the scheme file, whose pages have no origin'],
  ['https://user@a.example', 'has a user name'],
  ['https://a.example:443', 'has the port 443, which browsers leave out'],
  ['http://a.example:80', 'has the port 80, which browsers leave out'],
  ['https://a.example:port', 'has no valid host or port'],
  ['https://b\u00fccher.example', 'has a host in another form than browsers send'],
  ['http://127.1', 'has a host in another form than browsers send'],
  ['https://*', 'has a "*" that is not the whole first label'],
  ['https://*.*.example.com', 'has a "*" that is not the whole first label'],
  ['https://app-*.example.com', 'has a "*" that is not the whole first label'],
  ['https://app.*.example.com', 'has a "*" that is not the whole first label'],
  ['https://*.com', 'has a "*" that admits every site of a top-level domain'],
  ['https://*.a.example:443', 'has the port 443, which browsers leave out'],
  ['capacitor://*', 'must be the scheme of an app and a host'],
  ['capacitor://', 'must be the scheme of an app and a host'],
])('an origin that no browser sends, or any page has, stops the start: %s', (origin, problem) => {
  const problems = problemsOf(`https://ok.example,${origin}`);
  expect(problems).toEqual([expect.stringContaining(`CORS_ORIGINS: entry 2 ${problem}`)]);
  // A line quotes no value.
  expect(problems.join('')).not.toMatch(/user@|bücher|app-\*/);
});

test('there is a line for each wrong entry', () => {
  expect(problemsOf('https://a.example/,,null')).toHaveLength(3);
});
