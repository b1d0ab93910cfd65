import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { blocks, blocksOf, elsewhere, pages, treatmentOf } from '#test/support/docs/blocks.ts';
import { commandsOf } from '#test/support/docs/commands.ts';

test('every block of the README and of docs/ is run or checked, or says what it needs', () => {
  const forgotten = blocks.filter((block) => treatmentOf(block) === undefined);
  expect(forgotten.map(({ place }) => place)).toEqual([]);
  const needs = blocks.flatMap(({ place, needs }) => (needs === undefined ? [] : [place]));
  expect(needs.length).toBeLessThan(9);
});

test('a block that nobody runs is seen, and one that says what it needs is let be', () => {
  const treated = (text: string) => blocksOf('docs/new.md', text).map(treatmentOf);
  expect(treated('```sh\nkubectl apply\n```\n')).toEqual([undefined]);
  expect(treated('```sh\nnpm start && rm -r x\n```\n')).toEqual([undefined]);
  expect(treated('```\nno language\n```\n')).toEqual([undefined]);
  expect(treated('```json\n{}\n```\n')).toEqual([undefined]);
  expect(treated('With a cluster. Not run here: needs one.\n\n```sh\nkubectl\n```\n')).toEqual([
    'none',
  ]);
  expect(treated('<!-- Not run here: needs a cluster -->\n\n```sh\nx\n```\n')).toEqual(['none']);
  expect(treated('Not run here: needs a.\n\n```sh\nx\n```\n\nAnd:\n\n```sh\ny\n```\n')).toEqual([
    'none',
    undefined,
  ]);
});

test('what is run elsewhere is in the pages, and its runner is there', () => {
  const commands = new Set(blocks.flatMap(({ code }) => commandsOf(code).map(({ text }) => text)));
  for (const [what, runner] of elsewhere) {
    if (what.startsWith('np')) expect(commands).toContain(what);
    expect(existsSync(runner), runner).toBe(true);
  }
});

test.each(pages)('%s names only npm scripts that there are', (page) => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
  const named = readFileSync(page, 'utf8').matchAll(/\bnpm run (?:--silent )?([a-z\d:]+)/g);
  for (const [, name = ''] of named) expect(Object.keys(scripts)).toContain(name);
});
