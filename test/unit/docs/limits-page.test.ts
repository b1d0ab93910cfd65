import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { variableNames } from '#src/config/config.ts';

const page = await readFile('docs/limits.md', 'utf8');
const rows = page.split('\n').flatMap((line) => {
  const [, name, value] = /^\| `([A-Z_]+)` \| `(\d+)` \|/.exec(line) ?? [];
  return name !== undefined && value !== undefined ? [[name, value] as const] : [];
});

test('the page about limits names every one of them, with its default', async () => {
  const limits = variableNames.filter((name) => /^(?:MAX_|ASSUMED_)/.test(name));
  expect(rows.map(([name]) => name).toSorted()).toEqual(limits.toSorted());
  const example = parseEnv(await readFile('.env.example', 'utf8'));
  for (const [name, value] of rows) expect([name, value]).toEqual([name, example[name]]);
});

test('the page about limits names tests that there are', () => {
  const links = [...page.matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, path = '']) => path);
  expect(links.length).toBeGreaterThan(10);
  expect(links.filter((path) => !existsSync(path))).toEqual([]);
});
