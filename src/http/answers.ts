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
  /** Whose rows an operation reads. */
  readonly ownerOf: (context: Context) => string;
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
  /** The answer of an earlier operation for the same owner, where it holds; null: it has to be made. */
  readonly again: (exchange: Exchange<Context>) => Promise<Reply | null>;
  /** Keeps an answer, if it is one that can be served again. */
  readonly keep: (exchange: Exchange<Context>, reply: Reply) => void;
  /** What is kept, in bytes. */
  readonly bytes: () => number;
}

interface Kept {
  /** As it was last sent. */
  readonly body: Buffer;
  readonly tail: string;
  readonly headers: NonNullable<Reply['headers']>;
  readonly validator: Validator;
}

/** Texts of the documents known to be run and to read rows, in characters. */
const knownChars = 256 * 1024;

/** Of an answer beside its bytes, by estimate: key, validator, maps. Of each cursor in its validator. */
const overheadBytes = 1024;
const cursorBytes = 512;

const sizeOf = (key: string, { body, validator }: Kept): number =>
  key.length + body.length + overheadBytes + validator.begun.length * cursorBytes;

/**
 * Serves finished answers again, without parsing, validating or executing, for as long as the pages
 * that they were made from are the current ones. One is kept for each owner, document, operation name,
 * variables and `Accept`: whoever gets it would have got the same bytes, but for what they cost.
 */
export function createAnswers<Context>(
  reuse: Reuse<Context>,
  contextOf: (asked: Asked) => Context,
): Answers<Context> {
  const known = createSizedCache<AskedOperation>(knownChars, (document) => document.length);
  const answers = createSizedCache<Kept>(reuse.mostBytes, sizeOf);

  return {
    async again(exchange) {
      const document = documentOf(exchange);
      const operation = known.get(document);
      if (!operation) return null;
      const apiKey = await exchange.admit();
      if (apiKey instanceof Failure) return null;
      const context = contextOf({ ...exchange.asked, apiKey });
      exchange.context = context;
      const key = keyOf(reuse.ownerOf(context), document, exchange);
      const kept = answers.get(key);
      const held = kept && (await reuse.revalidate(context, kept.validator));
      if (!held) return null;

      exchange.operation = operation;
      exchange.errors = [];
      reuse.reused();
      const sent = retold(kept, held, reuse.tailOf(context));
      if (sent !== kept) answers.set(key, sent);
      return { status: 200, headers: sent.headers, body: sent.body };
    },

    keep(exchange, { status, headers = {}, body = '' }) {
      const { context, operation, errors } = exchange;
      if (!context || !isQuery(operation) || errors?.length !== 0 || status !== 200) return;
      const validator = reuse.validatorOf(context);
      const tail = reuse.tailOf(context);
      const bytes = Buffer.from(body);
      if (!validator || !bytes.subarray(-Buffer.byteLength(tail)).equals(Buffer.from(tail))) return;
      const document = documentOf(exchange);
      known.set(document, operation);
      const key = keyOf(reuse.ownerOf(context), document, exchange);
      answers.set(key, { body: bytes, tail, headers, validator });
    },

    bytes: () => answers.size(),
  };
}

const isQuery = (operation: AskedOperation | null): operation is AskedOperation =>
  operation?.type === OperationTypeNode.QUERY;

const documentOf = <Context>({ documentId, params }: Exchange<Context>): string =>
  [documentId, params.operationName, params.query].join('\n');

const keyOf = <Context>(owner: string, document: string, { accept, params }: Exchange<Context>) =>
  [owner, accept, JSON.stringify(params.variables ?? {}), document].join('\n');

/** The answer as this operation sends it: the data's bytes do not move, but for cursors that were reissued. */
function retold(kept: Kept, { reissued, validator }: Revalidated, tail: string): Kept {
  if (tail === kept.tail && reissued.size === 0) return kept;
  const data = kept.body.subarray(0, kept.body.length - Buffer.byteLength(kept.tail));
  const body = Buffer.concat([data, Buffer.from(tail)]);
  // Of the same length each, so that nothing else moves.
  for (const [before, after] of reissued) {
    const quoted = `"${before}"`;
    for (let at = body.indexOf(quoted); at >= 0; at = body.indexOf(quoted, at + 1)) {
      body.write(after, at + 1, 'latin1');
    }
  }
  return { ...kept, body, tail, validator };
}
