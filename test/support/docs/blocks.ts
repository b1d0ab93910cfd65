import { globSync, readFileSync } from 'node:fs';
import { commandsOf } from './commands.ts';

/** A block of code in a page. */
export interface Block {
  /** Page and line, such as `docs/paging.md:7`. */
  readonly place: string;
  readonly page: string;
  readonly language: string;
  readonly code: string;
  /** The previous block of the page. */
  readonly previous: Block | undefined;
  /** What the block needs and the tests do not have, from the line before it. */
  readonly needs: string | undefined;
}

export const pages: readonly string[] = ['README.md', ...globSync('docs/*.md').toSorted()];

export const blocks: readonly Block[] = pages.flatMap((page) =>
  blocksOf(page, readFileSync(page, 'utf8')),
);

export function blocksOf(page: string, text: string): Block[] {
  const found: Block[] = [];
  for (const { 1: language = '', 2: code = '', index } of text.matchAll(
    /^```(\w*)\n([^]*?)^```$/gm,
  )) {
    const before = text.slice(0, index).trimEnd();
    const [, needs] = /not run here: needs ([^\n]+?)(?: -->|\.|:)*$/i.exec(before) ?? [];
    const place = `${page}:${before.split('\n').length + 2}`;
    found.push({ place, page, language, code, previous: found.at(-1), needs });
  }
  return found;
}

const quickStart = 'test/e2e/clients/quick-start.test.ts';

/** Slow commands, and the file that runs each of them. */
export const elsewhere: ReadonlyMap<string, string> = new Map([
  ['npm ci', '.ci/run'],
  ['npm run pack:server', 'test/e2e/package/server.test.ts'],
  ['npm install --save-dev ./enviaai-graphql-0.2.0.tgz', 'test/e2e/package/server.test.ts'],
  ['npx enviaai-graphql', 'test/e2e/package/server.test.ts'],
  ['npx enviaai-graphql --sandbox --port 4010', 'test/e2e/package/server.test.ts'],
  ['npx enviaai-graphql cost src --instances 2000 --limit 10', 'test/e2e/package/server.test.ts'],
  ['npm run pack:client', 'test/e2e/package/client.test.ts'],
  ['npm ci --workspaces --include-workspace-root', '.ci/run'],
  ['npm install urql @graphql-typed-document-node/core', quickStart],
  [
    'npm install --save-dev graphql @graphql-codegen/cli @graphql-codegen/client-preset',
    quickStart,
  ],
  ['npm install @apollo/client graphql rxjs @graphql-typed-document-node/core', quickStart],
  ['npx graphql-codegen', quickStart],
  ['npm run supergraph', 'test/e2e/supergraph/supergraph.test.ts'],
]);

const isRunHere = /^(?:npm start|npm run (?:sandbox|cost)\b.*|curl .*)$/;

/** The file of a project that a block is: its first line names it in a comment. */
export const fileOf = (code: string): string | undefined =>
  /^(?:\/\/|#) ([\w./-]+\.\w+)\n/.exec(code)?.[1];

const isSubscription = (code: string): boolean => /^subscription\b/.test(code);

/** How the tests check a block; undefined: they do not. */
export function treatmentOf({ page, language, code, previous, needs }: Block) {
  if (needs !== undefined) return 'none';
  if (fileOf(code) !== undefined) return 'file';
  switch (language) {
    case 'sh':
      return commandsOf(code).every(({ text }) => elsewhere.has(text) || isRunHere.test(text))
        ? 'shell'
        : undefined;
    case 'graphql':
      if (isSubscription(code)) return 'subscription';
      return /^(?:type|extend|interface) /.test(code) ? 'subgraph' : 'query';
    case 'json':
      if (previous?.language === 'graphql' && isSubscription(previous.code)) return 'event';
      return previous?.language === 'graphql' || page === 'docs/budget.md' ? 'answer' : undefined;
    case 'text':
      return previous?.code.startsWith('npm run cost') ? 'printed' : undefined;
    case 'ts':
      return 'code';
    case 'yaml':
      return 'settings';
    default:
      return undefined;
  }
}

export type Treatment = NonNullable<ReturnType<typeof treatmentOf>>;

export const blocksFor = (treatment: Treatment): Block[] =>
  blocks.filter((block) => treatmentOf(block) === treatment);
