import type { UpstreamHandler } from '#test/support/upstream.ts';
import { askedOf, envelope, rowsOf } from './faulty.ts';

interface Asked {
  readonly limit: number;
  readonly offset: number;
}

export const rows = rowsOf(250);
const total = rows.length;
const sliceOf = ({ offset, limit }: Asked) => rows.slice(offset, offset + limit);
const goesOn = ({ offset, limit }: Asked) => offset + limit < total;

/** A vendor whose pages are like this; it has no instance by id. */
const pages = (page: (asked: Asked, call: number) => object): UpstreamHandler => {
  let calls = 0;
  return (request, response) => {
    const { id, ...asked } = askedOf(request);
    calls += 1;
    if (id === null) response.end(JSON.stringify(page(asked, calls)));
    else response.writeHead(404).end('{"error":{"code":"instance_not_found"}}');
  };
};

type Vendors = readonly (readonly [string, UpstreamHandler])[];

/** What it says of its pages is untrue, and what they hold shows it. */
export const readable: Vendors = [
  ['hasMore always true', pages((asked) => envelope(sliceOf(asked), { total, hasMore: true }))],
  [
    'a total of 0 beside rows',
    pages((asked) => envelope(sliceOf(asked), { total: 0, hasMore: goesOn(asked) })),
  ],
  [
    'a negative total',
    pages((asked) => envelope(sliceOf(asked), { total: -1, hasMore: goesOn(asked) })),
  ],
  [
    'a huge total',
    pages((asked) =>
      envelope(sliceOf(asked), { total: 9_007_199_254_740_991, hasMore: goesOn(asked) }),
    ),
  ],
  [
    'no total',
    pages((asked) => envelope(sliceOf(asked), { total: undefined, hasMore: goesOn(asked) })),
  ],
  ['no hasMore', pages((asked) => envelope(sliceOf(asked), { total, hasMore: undefined }))],
  ['neither', pages((asked) => envelope(sliceOf(asked), { total: undefined, hasMore: undefined }))],
  [
    'fewer rows than asked for',
    pages(({ offset }) =>
      envelope(rows.slice(offset, offset + 30), { total, hasMore: offset + 30 < total }),
    ),
  ],
];

/** Nobody can tell what its list is. */
export const unreadable: Vendors = [
  [
    'a total of two thousand million',
    pages((asked) => envelope(sliceOf(asked), { total: 2_147_483_647, hasMore: goesOn(asked) })),
  ],
  [
    'the same page for every offset',
    pages(() => envelope(rows.slice(0, 100), { total, hasMore: true })),
  ],
  [
    'the same page for ever, and its rows as the total',
    pages(() => envelope(rows.slice(0, 100), { total: 100, hasMore: true })),
  ],
  ['empty pages that say there is more', pages(() => envelope([], { total, hasMore: true }))],
  [
    'a huge total and always more',
    pages((asked) => envelope(sliceOf(asked), { total: 1e12, hasMore: true })),
  ],
  [
    'a total that grows',
    pages((asked, call) => envelope(sliceOf(asked), { total: total + call * 1000, hasMore: true })),
  ],
  [
    'hasMore false too early',
    pages((asked) => envelope(sliceOf(asked), { total, hasMore: false })),
  ],
  ['more rows than asked for', pages(() => envelope(rows, { total, hasMore: false }))],
  [
    'one row at a time',
    pages(({ offset }) =>
      envelope(rows.slice(offset, offset + 1), { total, hasMore: offset + 1 < total }),
    ),
  ],
  [
    'no overlap: offsets rounded to hundreds',
    pages(({ offset }) => {
      const at = Math.floor(offset / 100) * 100;
      return envelope(rows.slice(at, at + 100), { total, hasMore: at + 100 < total });
    }),
  ],
  [
    'offsets counted as pages',
    pages(({ offset }) =>
      envelope(rows.slice(offset * 100, offset * 100 + 100), {
        total,
        hasMore: offset * 100 + 100 < total,
      }),
    ),
  ],
  [
    'rows repeated in each page',
    pages((asked) => {
      const data = sliceOf(asked).map((_, at, all) => all[at - (at % 2)]);
      return envelope(data, { total, hasMore: goesOn(asked) });
    }),
  ],
  [
    'new rows for ever',
    pages(({ offset, limit }) =>
      envelope(rowsOf(offset + limit).slice(offset), { total: offset + limit + 1, hasMore: true }),
    ),
  ],
  [
    'other rows at each call',
    pages((_, call) =>
      envelope(
        rowsOf(100).map((row) => ({ ...row, id: `${call}_${String(row['id'])}` })),
        { total, hasMore: true },
      ),
    ),
  ],
];
