import { readFileSync } from 'node:fs';
import process from 'node:process';
import { parseEnv } from 'node:util';

export interface EnvFile {
  readonly values: Readonly<Record<string, string | undefined>>;
  /** One line for each line that is ignored or cut off. None quotes a value: it may be a secret. */
  readonly problems: readonly string[];
}

const file = '.env';

/**
 * Reads `.env` in the current folder, if there is one, into the environment. Variables that are set
 * already are not changed. Problems are printed; a file that cannot be read stops the process.
 */
export function loadEnvFile(): void {
  const content = readOrExit();
  if (content === null) return;
  const { values, problems } = parseEnvFile(content);
  for (const problem of problems) process.stderr.write(`${file}: ${problem}\n`);
  for (const [name, value] of Object.entries(values)) process.env[name] ??= value;
}

/** Null: there is no file. */
function readOrExit(): Buffer | null {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    process.stderr.write(`${file}: cannot be read\n`);
    return process.exit(1);
  }
}

const assignment = /^\s*(?:export\s+)?[A-Za-z_]\w*\s*=\s*/;
const blankOrComment = /^\s*(?:#.*)?$/;

/**
 * Parses the file with Node's parser, but for the lines that are not `NAME=value`: Node's parser
 * would make them a part of the next name, so that two lines are lost without a message. A byte
 * order mark is skipped, which Node's parser makes a part of the first name.
 */
export function parseEnvFile(content: Buffer): EnvFile {
  if (content.includes(0)) {
    return { values: {}, problems: ['is ignored, because it is not text in UTF-8'] };
  }
  const lines = content
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/);
  const readable: string[] = [];
  const problems: string[] = [];
  for (let index = 0; index < lines.length;) {
    const { length, problem } = entryAt(lines, index);
    if (problem !== null) problems.push(`line ${index + 1} ${problem}`);
    if (problem === null || problem === cutOff)
      readable.push(...lines.slice(index, index + length));
    index += length;
  }
  return { values: parseEnv(readable.join('\n')), problems };
}

const cutOff = 'has text after the closing quote, which is ignored';

interface Entry {
  /** In lines. */
  readonly length: number;
  readonly problem: string | null;
}

/** The entry that begins at a line. */
function entryAt(lines: readonly string[], index: number): Entry {
  const line = lines[index] ?? '';
  if (blankOrComment.test(line)) return { length: 1, problem: null };
  const [start] = assignment.exec(line) ?? [];
  if (start === undefined) return { length: 1, problem: 'is not NAME=value, and is ignored' };
  const value = line.slice(start.length);
  const [quote = ''] = /^["'`]/.exec(value) ?? [];
  if (quote === '') return { length: 1, problem: null };
  // A value in quotes may have several lines.
  const rest = [value.slice(1), ...lines.slice(index + 1)];
  const end = rest.findIndex((text) => text.includes(quote));
  if (end < 0) return { length: 1, problem: 'has no closing quote, and is ignored' };
  const after = rest[end]?.split(quote).slice(1).join(quote) ?? '';
  return { length: end + 1, problem: blankOrComment.test(after) ? null : cutOff };
}
