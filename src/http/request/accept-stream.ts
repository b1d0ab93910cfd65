import { textMemo } from '#src/domain/text-memo.ts';
import type { StreamType } from '#src/http/stream/stream-format.ts';

/** A stream format that the client accepts. */
export interface AcceptedStream {
  readonly type: StreamType;
  /** Whether the client prefers it to JSON, for operations that could have either. */
  readonly isPreferred: boolean;
}

interface Range {
  readonly kind: StreamType | 'json';
  readonly q: number;
}

/**
 * The stream format that an `Accept` header names; null: none. A wildcard accepts no stream.
 * `multipart/mixed` needs the parameter `subscriptionSpec=1.0`: there are other formats of this type.
 */
export const acceptedStreamOf = (accept = ''): AcceptedStream | null => streamOf(accept);

function parseAccept(accept: string): AcceptedStream | null {
  const ranges = accept
    .split(',')
    .flatMap((entry): readonly Range[] => rangeOf(entry))
    .filter(({ q }) => q > 0)
    // Stable: of several with the same q, the first is preferred.
    .toSorted((a, b) => b.q - a.q);
  const stream = ranges.find(({ kind }) => kind !== 'json');
  if (!stream || stream.kind === 'json') return null;
  return { type: stream.kind, isPreferred: ranges[0] === stream };
}

const streamOf = textMemo(parseAccept, { maxEntries: 100, maxLength: 512 });

function rangeOf(entry: string): readonly Range[] {
  const [type = '', ...parameters] = entry.split(';').map((text) => text.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1';
  const q = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(weight) ? Number(weight) : 0;
  if (type === 'text/event-stream') return [{ kind: type, q }];
  if (type === 'multipart/mixed') {
    const isOurs = parameters.some((parameter) => /^subscriptionspec="?1\.0"?$/.test(parameter));
    return isOurs ? [{ kind: type, q }] : [];
  }
  return jsonRanges.has(type) ? [{ kind: 'json', q }] : [];
}

const jsonRanges: ReadonlySet<string> = new Set([
  'application/json',
  'application/graphql-response+json',
  'application/*',
  '*/*',
]);
