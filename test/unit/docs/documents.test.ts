import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { start } from '#test/support/start.ts';

const operation = readFileSync('docs/operation.md', 'utf8');

test.each(['SECURITY.md', 'docs/operation.md'])('every link of %s leads somewhere', (page) => {
  const text = readFileSync(page, 'utf8');
  const links = [...text.matchAll(/\]\(([^)#]+?)(?:#[^)]*)?\)/g)].map(([, link = '']) => link);
  expect(links.length).not.toEqual(0);
  expect(links.filter((link) => !existsSync(join(dirname(page), link)))).toEqual([]);
});

test('every field of a line of the log is explained to those who run the server', async () => {
  const server = await start();
  server.sandbox.control.fail({ key: 'test', status: 500 });
  await server.query('query List { instances { totalCount } }');
  const section = operation.slice(operation.indexOf('## The log'), operation.indexOf('## Traces'));
  const explained = [...section.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  const fields = new Set(server.log.flatMap((line) => Object.keys(JSON.parse(line) as object)));
  expect(fields).toContain('upstreamRequestId');
  expect([...fields].filter((field) => !explained.includes(field))).toEqual([]);
});
