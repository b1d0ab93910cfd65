import { createSizedCache } from '#src/domain/sized-cache.ts';
import type { Written } from '#src/graphql/execution/write.ts';
import type { Cost } from '#src/reading/cost.ts';
import type { Revalidated, Validator } from '#src/reading/validator.ts';

/** A finished answer, as it was last sent. */
export interface KeptAnswer extends Written {
  /** What comes after its data tells: each operation's own. */
  readonly cost: Cost;
  readonly validator: Validator;
}

export interface KeptAnswers {
  readonly get: (key: string) => KeptAnswer | undefined;
  readonly set: (key: string, answer: KeptAnswer) => void;
  /** The bytes of an answer that holds: with what it costs now, and the cursors that were reissued. */
  readonly retell: (key: string, answer: KeptAnswer, cost: Cost, held?: Revalidated) => Buffer;
  /** What is kept, in bytes. */
  readonly bytes: () => number;
}

/** Of an answer beside its bytes, by estimate: maps and objects; of each piece, and of each source and cursor in its validator. */
const overheadBytes = 1024;
const pieceBytes = 64;
const sourceBytes = 128;
const cursorBytes = 512;

const sizeOf = (key: string, { body, pieces, validator }: KeptAnswer): number =>
  key.length +
  body.length +
  overheadBytes +
  pieces.length * pieceBytes +
  validator.sources.length * sourceBytes +
  validator.begun.length * cursorBytes;

export function createKeptAnswers(mostBytes: number, tailOf: (cost: Cost) => string): KeptAnswers {
  const answers = createSizedCache<KeptAnswer>(mostBytes, sizeOf);
  return {
    get: (key) => answers.get(key),
    set: (key, answer) => answers.set(key, answer),
    retell(key, answer, cost, held = { validator: answer.validator, reissued: noCursors }) {
      const { validator, reissued } = held;
      if (reissued.size === 0 && tellsSame(cost, answer.cost)) return answer.body;
      const body = rewritten(answer, tailOf(cost), reissued);
      answers.set(key, { ...answer, body, cost, validator });
      return body;
    },
    bytes: () => answers.size(),
  };
}

const noCursors: Revalidated['reissued'] = new Map();

const tellsSame = (a: Cost, b: Cost): boolean =>
  a.calls === b.calls && a.asOf === b.asOf && a.stale === b.stale;

/** The data's bytes do not move: a cursor is as long as the one in whose place it comes. */
function rewritten(
  { body, dataLength }: KeptAnswer,
  tail: string,
  reissued: Revalidated['reissued'],
): Buffer {
  const changed = Buffer.concat([body.subarray(0, dataLength), Buffer.from(tail)]);
  for (const [before, after] of reissued) {
    const quoted = `"${before}"`;
    for (let at = body.indexOf(quoted); at >= 0; at = body.indexOf(quoted, at + 1)) {
      changed.write(after, at + 1, 'latin1');
    }
  }
  return changed;
}
