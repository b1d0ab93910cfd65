import * as fc from 'fast-check';
import { documentedPage } from './documented.ts';

/** A page in pieces that need not be JSON, so that each can be replaced. */
export interface Body {
  readonly head: string;
  readonly rows: readonly string[];
  readonly comma: string;
  readonly tail: string;
  /** Bytes that stand in place of others, at a share of the length. */
  readonly flaws: readonly Flaw[];
}

interface Flaw {
  readonly at: number;
  readonly kind: 'byte' | 'cut' | 'more';
  readonly byte: number;
}

export type Edit = (body: Body) => Body;

const spaces = fc.constantFrom('', '', '', ' ', '\n  ', '\t\r\n');

const documentedRows = (JSON.parse(documentedPage) as { data: unknown[] }).data;

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom('},', '}', '{', '"', '\\', '],', '\\"},{"', '"data"', 'ação 😀', '\uD800'),
);

const objects = fc.record(
  {
    id: fc.oneof({ weight: 4, arbitrary: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f') }, texts),
    name: texts,
    lastSeenAt: fc.constantFrom('2026-02-03T12:00:00.000Z', null, 'no date'),
    settings: fc.constantFrom({ autoRead: true, autoTyping: false }, {}, [[{ a: '}' }]]),
  },
  { requiredKeys: ['id', 'name'] },
);

const indents = fc.constantFrom(undefined, undefined, 1);

const row = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(objects, indents).map(written) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...documentedRows), indents).map(written) },
  { weight: 1, arbitrary: fc.tuple(fc.jsonValue({ maxDepth: 3 }), indents).map(written) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '1',
      '12',
      '-0.5e3',
      'nul',
      '',
      '{}',
      '{"a":1}',
      '[',
      ']',
      '"a',
      '{"id":"a","name":"A","id":"b"}',
      '{"id":"\\u0061","name":"\\ud800"}',
      '{"id":"a","name":"A"}}',
      '{"id":"a","name":"A"},{"id":"b","name":"B"}',
      '{"id":"a" "name":"A"}',
      '\uFEFF{"id":"a","name":"A"}',
    ),
  },
);

const head = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('{"success":true,"data":[', '{"data":[') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '\uFEFF{"data":[',
      ' { "data" : [ ',
      '{"pagination":{"total":3,"hasMore":true},"data":[',
      '{"success":false,"data":[',
      '{"data":[{"id":"z","name":"Z"}],"data":[',
      '{"d\\u0061ta":[],"data":[',
      '{"d\\u0061ta":[',
      '{"info":{"data":[1,2]},"data":[',
      '{"text":"\\"data\\":[","data":[',
      '{"data":{"data":[',
      '[{"data":[',
    ),
  },
);

const tail = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({ total: fc.nat(12), hasMore: fc.boolean() }, { requiredKeys: [] })
      .map((pagination) => `],"pagination":${JSON.stringify(pagination)}}`),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '],"pagination":{"total":"3"},"requestId":"1"}',
      '],"pagination":{"total":"3"},"requestId":"2"}',
      '] , "pagination" : { } } ',
      '],"pagination":{},"success":false}',
      '],"pagination":{},"error":{"code":"x"}}',
      '],"pagination":{},"data":[]}',
      '],"pagination":{},"data":[{"id":"z","name":"Z"}]}',
      '],"pagination":{},"d\\u0061ta":[1]}',
      '],"pagination":{"data":[1]}}',
      '],"pagination":[]}',
      ']}',
      ',],"pagination":{}}',
      ']],"pagination":{}}',
      '],"pagination":{}}}',
      '],"pagination":{}',
      '],"data":{},"pagination":{}}]}',
    ),
  },
);

const comma = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(spaces, spaces).map(([before, after]) => `${before},${after}`) },
  { weight: 1, arbitrary: fc.constantFrom(';', ',,', '', ' ', '\v,', ',\u00a0') },
);

const flaw: fc.Arbitrary<Flaw> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  kind: fc.constantFrom('byte', 'byte', 'cut', 'more'),
  byte: fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0x22, 0x5c, 0x7d, 0xe2, 0xff)),
});

export const bodies: fc.Arbitrary<Body> = fc.record({
  head,
  rows: fc.array(row, { maxLength: 9 }),
  comma,
  tail,
  flaws: fc.oneof(
    { weight: 6, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(flaw, { maxLength: 2 }) },
  ),
});

const at = fc.nat(9);

type RowEdit = (rows: readonly string[]) => readonly string[];

const rowEdits: fc.Arbitrary<RowEdit> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(at, row).map(
      ([at, row]): RowEdit =>
        (rows) =>
          rows.toSpliced(at, 1, row),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(at, row).map(
      ([at, row]): RowEdit =>
        (rows) =>
          rows.toSpliced(at, 0, row),
    ),
  },
  {
    weight: 2,
    arbitrary: at.map(
      (at): RowEdit =>
        (rows) =>
          rows.toSpliced(at, 1),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(at, at).map(([from, to]): RowEdit => (rows) => {
      return rows.toSpliced(from, 1).toSpliced(to, 0, ...rows.slice(from, from + 1));
    }),
  },
  // As a new time does: one character for another.
  {
    weight: 4,
    arbitrary: fc
      .tuple(at, fc.constantFrom('0', '7', '99', '}', '{'))
      .map(([at, digit]): RowEdit => (rows) => {
        return rows.map((text, index) => (index === at ? text.replace(/\d/, digit) : text));
      }),
  },
);

export const edits: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 14,
    arbitrary: rowEdits.map((edit): Edit => (body) => ({ ...body, rows: edit(body.rows) })),
  },
  {
    weight: 1,
    arbitrary: head.map((head): Edit => (body) => ({ ...body, head })),
  },
  {
    weight: 1,
    arbitrary: comma.map((comma): Edit => (body) => ({ ...body, comma })),
  },
  {
    weight: 2,
    arbitrary: tail.map((tail): Edit => (body) => ({ ...body, tail })),
  },
  {
    weight: 2,
    arbitrary: flaw.map((flaw): Edit => (body) => ({ ...body, flaws: [...body.flaws, flaw] })),
  },
);

export function bytesOf({ head, rows, comma, tail, flaws }: Body): Buffer {
  return flaws.reduce(spoilt, Buffer.from(head + rows.join(comma) + tail));
}

function spoilt(bytes: Buffer, { at, kind, byte }: Flaw): Buffer {
  const place = Math.floor(at * bytes.length);
  const before = bytes.subarray(0, place);
  if (kind === 'cut') return before;
  const after = bytes.subarray(kind === 'byte' ? place + 1 : place);
  return Buffer.concat([before, Buffer.of(byte), after]);
}

function written([value, indent]: [unknown, number | undefined]): string {
  return JSON.stringify(value, null, indent);
}
