import { hash } from 'node:crypto';
import { OperationTypeNode } from 'graphql';
import { Failure } from '#src/domain/failure.ts';
import type { Revalidated, Validator } from '#src/reading/validator.ts';
import type { Asked, AskedOperation, Exchange } from './exchange.ts';
import type { Reply } from './reply.ts';
import { createSizedCache } from './sized-cache.ts';

/** How answers can be served again, by the object that `contextOf` makes for each operation. */
export interface Reuse<Context> {
  /** Of all that is kept. */
  readonly mostBytes: number;
  /** What an answer can be kept with; null: it is not to be kept. */
  readonly validatorOf: (context: Context) => Validator | null;
  /** Whether a kept answer is the one that this operation would get; null: it has to be made. */
  readonly revalidate: (context: Context, validator: Validator) => Promise<Revalidated | null>;
  /** The bytes after the data of an answer, to the end: they are each operation's own. */
  readonly tailOf: (context: Context) => string;
  /** Told of every answer that was served again. */
  readonly reused: () => void;
}

export interface Answers<Context> {
  /** The answer of an earlier operation of the same caller, where it holds; null: it has to be made. */
  readonly again: (exchange: Exchange<Context>) => Promise<Reply | null>;
  /** Keeps an answer, if it is one that can be served again. */
  readonly keep: (exchange: Exchange<Context>, reply: Reply) => Promise<void>;
  /** What is kept, in bytes. */
  readonly bytes: () => number;
}

interface Kept {
  readonly data: Buffer;
  readonly headers: NonNullable<Reply['headers']>;
  readonly validator: Validator;
}

/** Texts of the operations known to read rows, in characters. */
const knownChars = 256 * 1024;

/** Of an answer beside its bytes, by estimate: key, validator, maps. Of each cursor in its validator. */
const overheadBytes = 1024;
const cursorBytes = 512;

/**
 * Serves finished answers again, without parsing, validating or executing, for as long as the pages
 * that they were made from are the current ones. One is kept for each key, document, operation name,
 * variables and `Accept`: whoever gets it would have got the same bytes, but for what they cost.
 */
export function createAnswers<Context>(
  reuse: Reuse<Context>,
  contextOf: (asked: Asked) => Context,
): Answers<Context> {
  const known = createSizedCache<AskedOperation>(knownChars, (document) => document.length);
  const answers = createSizedCache<Kept>(
    reuse.mostBytes,
    (_, { data, validator }) => data.length + overheadBytes + validator.begun.length * cursorBytes,
  );

  return {
    async again(exchange) {
      const operation = known.get(documentOf(exchange));
      if (!operation) return null;
      const apiKey = await exchange.admit();
      if (apiKey instanceof Failure) return null;
      const key = keyOf(apiKey, exchange);
      const kept = answers.get(key);
      if (!kept) return null;

      const context = contextOf({ ...exchange.asked, apiKey });
      exchange.context = context;
      const held = await reuse.revalidate(context, kept.validator);
      if (!held) return null;
      const data = withCursors(kept.data, held.reissued);
      if (data !== kept.data) answers.set(key, { ...kept, data, validator: held.validator });
      exchange.operation = operation;
      exchange.errors = [];
      reuse.reused();
      const body = Buffer.concat([data, Buffer.from(reuse.tailOf(context))]);
      return { status: 200, headers: kept.headers, body };
    },

    async keep(exchange, { status, headers = {}, body = '' }) {
      const { context, operation, errors } = exchange;
      if (!context || !isQuery(operation) || errors?.length !== 0 || status !== 200) return;
      const validator = reuse.validatorOf(context);
      if (!validator) return;
      const apiKey = await exchange.admit();
      if (apiKey instanceof Failure) return;
      const data = withoutTail(Buffer.from(body), reuse.tailOf(context));
      if (!data) return;
      known.set(documentOf(exchange), operation);
      answers.set(keyOf(apiKey, exchange), { data, headers, validator });
    },

    bytes: () => answers.size(),
  };
}

const isQuery = (operation: AskedOperation | null): operation is AskedOperation =>
  operation?.type === OperationTypeNode.QUERY;

const documentOf = <Context>({ documentId, params }: Exchange<Context>): string =>
  [documentId, params.operationName, params.query].join('\n');

/** A hash: no API key is kept. */
function keyOf<Context>(apiKey: string, exchange: Exchange<Context>): string {
  const { accept, documentId, params } = exchange;
  const { operationName, query, variables } = params;
  const parts = [apiKey, accept, documentId, operationName, query, variables];
  return hash('sha256', JSON.stringify(parts), 'base64');
}

function withoutTail(body: Buffer, tail: string): Buffer | undefined {
  const data = body.subarray(0, body.length - Buffer.byteLength(tail));
  return body.subarray(data.length).equals(Buffer.from(tail)) ? data : undefined;
}

/** A cursor is replaced by one of the same length, so that nothing else moves. */
function withCursors(data: Buffer, reissued: Revalidated['reissued']): Buffer {
  if (reissued.size === 0) return data;
  const changed = Buffer.from(data);
  for (const [before, after] of reissued) {
    const quoted = `"${before}"`;
    for (let at = changed.indexOf(quoted); at >= 0; at = changed.indexOf(quoted, at + 1)) {
      changed.write(after, at + 1, 'latin1');
    }
  }
  return changed;
}
