import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import {
  type DefinitionNode,
  type DocumentNode,
  GraphQLError,
  Kind,
  NoUnusedFragmentsRule,
  type OperationDefinitionNode,
  parse,
  Source,
  specifiedRules,
  validate,
} from 'graphql';
import { worstOfAny } from '#src/graphql/complexity/worst-of-any.ts';
import { createSubgraphSchema } from '#src/graphql/schema.ts';
import { ConfigError, parseConfig } from '#src/config.ts';

// What documents cost before they are sent. Variables are not known yet: each is as dear as it can be.

const options = {
  instances: { type: 'string' },
  limit: { type: 'string' },
  ids: { type: 'string' },
} as const;

// Fragments may stand in files of their own, as generators and clients read them.
const rules = specifiedRules.filter((rule) => rule !== NoUnusedFragmentsRule);

interface File {
  readonly path: string;
  readonly definitions: readonly DefinitionNode[];
}

try {
  process.exitCode = told() ? 0 : 1;
} catch (error) {
  process.stderr.write(`${problemIn(error)}\n`);
  process.exitCode = 2;
}

/** Prints a line for each operation; whether all keep to the limit. */
function told(): boolean {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const { limits, ratePerMinute } = parseConfig(process.env);
  const instances = whole('instances', values.instances, limits.assumedInstances);
  const limit = whole('limit', values.limit, limits.upstreamCalls);
  const ids = whole('ids', values.ids, limits.ids);

  const schema = createSubgraphSchema();
  const files = pathsOf(positionals.length > 0 ? positionals : ['schema/operations']).map(read);
  const lines = files.flatMap((file) =>
    file.definitions.filter(isOperation).map((operation) => {
      const document = documentOf(operation, file, files);
      const [mistake] = validate(schema, document, rules);
      if (mistake) throw mistake;
      const name = operation.name?.value ?? file.path;
      try {
        return { name, ...worstOfAny(document, { schema, instances, ids }) };
      } catch (cause) {
        throw new Error(`${name}: ${problemIn(cause)}`, { cause });
      }
    }),
  );
  if (lines.length === 0) throw new Error('There is no operation in these documents');

  for (const { name, calls } of lines) {
    const beyond = calls > limit ? `, more than ${limit}` : '';
    process.stdout.write(`${name}: at most ${calls} of ${ratePerMinute} a minute${beyond}\n`);
  }
  process.stdout.write(
    `In an account of ${instances} instances, nothing of it in memory; where variables take them, with a cursor, 100 rows and ${ids} ids.\n`,
  );
  return lines.every(({ calls }) => calls <= limit);
}

function whole(flag: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (!/^[1-9]\d{0,6}$/.test(text)) {
    throw new Error(`--${flag} must be a whole number from 1 to 9999999`);
  }
  return Number(text);
}

/** The documents that these name: a file, all in a folder, or what a pattern finds. */
function pathsOf(names: readonly string[]): readonly string[] {
  const paths = names.flatMap((name) => {
    const isFolder = statSync(name, { throwIfNoEntry: false })?.isDirectory() === true;
    const found = globSync(isFolder ? join(name, '**/*.graphql') : name).toSorted();
    if (found.length === 0) throw new Error(`${name}: there is no document`);
    return found;
  });
  return [...new Set(paths)];
}

function read(path: string): File {
  return { path, ...parse(new Source(readFileSync(path, 'utf8'), path)) };
}

function isOperation(node: DefinitionNode): node is OperationDefinitionNode {
  return node.kind === Kind.OPERATION_DEFINITION;
}

/** An operation by itself, with the fragments of its own file, and those of others that it has none of. */
function documentOf(
  operation: OperationDefinitionNode,
  file: File,
  files: readonly File[],
): DocumentNode {
  const own = fragmentsOf(file);
  const names = new Set(own.map(({ name }) => name.value));
  const others = files.filter(({ path }) => path !== file.path).flatMap(fragmentsOf);
  const more = others.filter(({ name }) => !names.has(name.value));
  return { kind: Kind.DOCUMENT, definitions: [operation, ...own, ...more] };
}

function fragmentsOf({ definitions }: File) {
  return definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
}

/** In one line, where it is and what. */
function problemIn(error: unknown): string {
  if (error instanceof ConfigError) return error.problems.join('; ');
  if (!(error instanceof Error)) return String(error);
  const [place] = error instanceof GraphQLError ? (error.locations ?? []) : [];
  const source = error instanceof GraphQLError ? error.source?.name : undefined;
  const at = place && source ? `${source}:${place.line}:${place.column}: ` : '';
  return `${at}${error.message}`.replaceAll(/\s*\n\s*/g, ' ');
}
