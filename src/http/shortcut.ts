import { type GraphQLSchema, OperationTypeNode } from 'graphql';
import { Failure } from '#src/domain/failure.ts';
import { createSizedCache } from '#src/domain/sized-cache.ts';
import type { RunnerOf } from '#src/graphql/execution/hot-documents.ts';
import { Earlier } from '#src/graphql/execution/pieces.ts';
import { resultOf } from '#src/graphql/execution/plain.ts';
import { writeAnswer, type Written } from '#src/graphql/execution/write.ts';
import type { Cost } from '#src/reading/cost.ts';
import type { Revalidated, Validator } from '#src/reading/validator.ts';
import type { Refuse } from './document-plugin.ts';
import type { Asked, AskedOperation, Exchange } from './exchange.ts';
import { createKeptAnswers, type KeptAnswer } from './kept-answers.ts';
import { rememberingOwners } from './owners.ts';
import type { HeaderFields, Reply } from './reply.ts';

/** How answers can be served again. */
export interface Reuse<Context> {
  /** Of all that is kept. */
  readonly mostBytes: number;
  /** Whose rows are read with a key. */
  readonly ownerOf: (apiKey: string) => string;
  /** What an answer can be kept with; null: it is not to be kept. */
  readonly validatorOf: (context: Context) => Validator | null;
  /** What an answer costs that holds as it stands; null: that takes a closer look. */
  readonly stands: (owner: string, validator: Validator) => Cost | null;
  /** Whether a kept answer is the one that this operation would get; null: it has to be made. */
  readonly revalidate: (context: Context, validator: Validator) => Promise<Revalidated | null>;
  /** The last bytes of an answer, after its data. */
  readonly tailOf: (cost: Cost | null) => string;
  /** Told of every answer that was served again. */
  readonly reused: () => void;
}

export interface ShortcutParts<Context> {
  readonly reuse: Reuse<Context>;
  readonly schema: GraphQLSchema;
  readonly contextOf: (asked: Asked) => Context;
  readonly costOf: (context: Context) => Cost | null;
  readonly refuse?: Refuse | undefined;
  readonly runnerOf?: RunnerOf | undefined;
}

/** The way ahead of Yoga, for what Yoga has answered before. */
export interface Shortcut<Context> {
  /** The answer; null: Yoga has to give it, going on from what the exchange holds by then. */
  readonly answer: (exchange: Exchange<Context>) => Promise<Reply | null>;
  /** Learns from what Yoga answered. */
  readonly learn: (exchange: Exchange<Context>, reply: Reply) => Promise<void>;
  /** What answers are kept, in bytes. */
  readonly bytes: () => number;
}

/** A document that reads rows, and was answered without errors. */
interface Known {
  /** Stands for it in the keys of its answers. */
  readonly id: number;
  readonly operation: AskedOperation;
  /** Those of an answer without errors, by the request's `Accept`. */
  readonly headers: Map<string | undefined, HeaderFields>;
}

/** Texts of known documents, in characters. Their trees take up to 240 bytes for each of them. */
const knownChars = 128 * 1024;

/** What a document takes beside its text, in such characters: maps, and what it was accepted as. */
const knownOverhead = 32;

/** Of one document. Clients of a kind send the same; whoever makes them up, or long ones, is answered by Yoga. */
const mostAccepts = 8;
const longestAccept = 200;

/** The same each time, by which what was made of them is known again. */
const noVariables = Object.freeze({});

/** On whose behalf an answer is looked for, and where it would be. */
interface Owned {
  readonly apiKey: string;
  readonly owner: string;
  readonly key: string;
}

/**
 * Answers without parsing and validating what was parsed and found valid before; and without executing
 * it while the pages that its last answer was made from are the current ones: for the same owner and
 * variables the bytes would be the same, but for what they cost. Errors are left to Yoga.
 */
export function createShortcut<Context>(parts: ShortcutParts<Context>): Shortcut<Context> {
  const { reuse, schema, contextOf, costOf, refuse = () => null, runnerOf = () => null } = parts;
  const documents = createSizedCache<Known>(knownChars, (text) => text.length + knownOverhead);
  const answers = createKeptAnswers(reuse.mostBytes, reuse.tailOf);
  const ownerOf = rememberingOwners(reuse.ownerOf);
  let lastId = 0;

  /** Once for an exchange: what is called for in it is its own, whoever makes the answer. */
  const contextIn = (exchange: Exchange<Context>, { apiKey, owner }: Owned): Context =>
    (exchange.context ??= contextOf({ ...exchange.asked, apiKey, owner }));

  const tell = (exchange: Exchange<Context>, cost: Cost | null) => {
    exchange.cost = cost;
    exchange.errors = [];
  };

  /** The last answer, where it holds. */
  async function again(
    exchange: Exchange<Context>,
    owned: Owned,
    kept: KeptAnswer,
  ): Promise<Buffer | null> {
    const { owner, key } = owned;
    const { noCache } = exchange.asked;
    const standing = noCache ? null : reuse.stands(owner, kept.validator);
    if (standing) {
      tell(exchange, standing);
      return answers.retell(key, kept, standing);
    }
    const context = contextIn(exchange, owned);
    const held = await reuse.revalidate(context, kept.validator);
    const cost = held && costOf(context);
    if (!cost) return null;
    tell(exchange, cost);
    return answers.retell(key, kept, cost, held);
  }

  function isRefused({ params }: Exchange<Context>, { document }: AskedOperation): boolean {
    const { variables, operationName } = params;
    try {
      return refuse({ schema, document, operationName, variables }) !== null;
    } catch {
      // Over a condition that is null, which Yoga has words for.
      return true;
    }
  }

  async function run(
    exchange: Exchange<Context>,
    context: Context,
    { document }: AskedOperation,
    earlier: Earlier | undefined,
  ): Promise<Written | null> {
    const { variables = noVariables, operationName } = exchange.params;
    const asking = { schema, document, operationName };
    const runner = runnerOf({ ...asking, variableValues: variables, contextValue: context });
    const outcome = await runner?.(earlier);
    if (!outcome) return null;
    if (outcome.errors.length === 0) {
      tell(exchange, costOf(context));
      return writeAnswer(outcome.data, reuse.tailOf(exchange.cost), earlier);
    }
    // They are worded, logged and coded by Yoga's plugins; it is not executed twice.
    exchange.executed = resultOf(outcome, earlier);
    return null;
  }

  function keep(context: Context, key: string, written: Written): void {
    const validator = reuse.validatorOf(context);
    const cost = costOf(context);
    if (validator && cost) answers.set(key, { ...written, cost, validator });
  }

  return {
    async answer(exchange) {
      const known = documents.get(exchange.text);
      const headers = known?.headers.get(exchange.accept);
      if (!known || !headers) return null;
      const variables = exchange.variablesText();
      if (variables === null) return null;
      const apiKey = await exchange.admit();
      if (apiKey instanceof Failure) return null;
      exchange.operation = known.operation;
      const owner = ownerOf(apiKey, exchange.connection);
      const key = keyOf(owner, known, variables);
      const kept = answers.get(key);
      const owned = { apiKey, owner, key };
      const same = kept && (await again(exchange, owned, kept));
      if (same) {
        reuse.reused();
        return { status: 200, headers, body: same };
      }
      // What was answered once with these variables is within the limits.
      if (!kept && isRefused(exchange, known.operation)) return null;
      const context = contextIn(exchange, owned);
      const earlier = kept && new Earlier(kept.body, kept.pieces);
      const written = await run(exchange, context, known.operation, earlier);
      if (written === null) return null;
      keep(context, key, written);
      return { status: 200, headers, body: written.body };
    },

    async learn(exchange, { status, headers = {}, body = '' }) {
      const { context, operation, errors, text, accept, connection } = exchange;
      if (!context || !operation?.reads || operation.type !== OperationTypeNode.QUERY) return;
      const variables = exchange.variablesText();
      if (errors?.length !== 0 || status !== 200 || variables === null) return;
      const apiKey = await exchange.admit();
      if (apiKey instanceof Failure) return;
      const known = documents.get(text) ?? { id: (lastId += 1), operation, headers: new Map() };
      const isShort = (accept?.length ?? 0) <= longestAccept;
      if (isShort && known.headers.size < mostAccepts) known.headers.set(accept, headers);
      documents.set(text, known);
      const written = writtenAs(Buffer.from(body), reuse.tailOf(costOf(context)));
      if (written) keep(context, keyOf(ownerOf(apiKey, connection), known, variables), written);
    },

    bytes: answers.bytes,
  };
}

const keyOf = (owner: string, { id }: Known, variables: string): string =>
  `${owner} ${id} ${variables}`;

/** What Yoga wrote; null: its data does not end where it should. */
function writtenAs(body: Buffer, tail: string): Written | null {
  const end = Buffer.from(tail);
  const dataLength = body.length - end.length;
  return body.subarray(dataLength).equals(end) ? { body, dataLength, pieces: [] } : null;
}
