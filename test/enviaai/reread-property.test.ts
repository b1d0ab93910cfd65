import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ListAnswer, listAnswerOf } from '#src/enviaai/answers.ts';
import { isRefusal } from '#src/enviaai/refusal.ts';
import { rereadListAnswer } from '#src/enviaai/reread.ts';
import { jsonOf } from '#src/enviaai/wire.ts';
import { type Body, bodies, bytesOf, type Edit, edits } from './support/odd-pages.ts';

const query = { status: 'all', limit: 8, offset: 0 } as const;

test('whatever a page was and became, it is read as if it had not been known', () => {
  fc.assert(
    fc.property(bodies, fc.array(edits, { minLength: 1, maxLength: 4 }), fc.boolean(), (...walk) =>
      follow(...walk),
    ),
    { numRuns: 2000 },
  );
});

/** Reads one version after another, each beside the last that could be read. */
function follow(body: Body, changes: readonly Edit[], distinct: boolean): void {
  let last = body;
  let known = wholeOf(bytesOf(body));
  for (const change of changes) {
    last = change(last);
    const bytes = bytesOf(last);
    const whole = wholeOf(bytes);
    const reread =
      known && rereadListAnswer(distinct ? withoutRepeats(known) : known, bytes, query);
    if (reread) {
      expect(reread, bytes.toString('latin1')).toEqual(whole);
      expect(reread.bytes).toBe(bytes);
      expect([reread, reread.rows, ...reread.rows].every(Object.isFrozen)).toBe(true);
    }
    known = reread ?? whole ?? known;
  }
}

/** Null: it is a refusal, or no page. */
function wholeOf(bytes: Buffer): ListAnswer | null {
  try {
    const json = jsonOf(bytes);
    return isRefusal(json) ? null : listAnswerOf(bytes, json, query);
  } catch {
    return null;
  }
}

function withoutRepeats(answer: ListAnswer): ListAnswer {
  const rows = [...new Map(answer.rows.toReversed().map((row) => [row.key, row])).values()];
  return { ...answer, rows: rows.length === answer.rows.length ? answer.rows : rows.toReversed() };
}
