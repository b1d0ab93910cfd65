import { connect, type Socket } from 'node:net';

/** Streams to open, of one key. */
export interface Subscription {
  /** The GraphQL endpoint. */
  readonly url: string;
  readonly key: string;
  readonly streams: number;
  /** Different operations, in turn. The streams of one operation share an execution. */
  readonly cohorts: number;
}

/** A change of a row, by the clock of `sharedNow`. */
export interface ExpectedChange {
  readonly id: string;
  readonly changedAt: number;
}

export interface Arrivals {
  /** Bytes of all streams, since the last time. */
  readonly bytes: number;
  /** From each change to its arrival at the last stream, in milliseconds. Null: it is not there. */
  readonly delaysMs: readonly (number | null)[];
}

/** Clients of streams. They read as little as possible, because they share the machine's cores. */
export interface Subscribers {
  /** Resolves when each stream has had its first event. */
  open(subscription: Subscription): Promise<void>;
  /** An event with this row, which no other change concerns, will come to each stream once. */
  expect(change: ExpectedChange): void;
  takeArrivals(): Arrivals;
}

/** Connections that are opened at the same time. */
const openingAtOnce = 100;

/** What a browser sends beside the headers of the operation. */
const browserHeaders = [
  'user-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/144.0.0.0 Safari/537.36',
  'accept-encoding: gzip, deflate, br, zstd',
  'accept-language: en-US,en;q=0.9',
  'sec-ch-ua: "Chromium";v="144", "Not=A?Brand";v="24"',
  'sec-ch-ua-mobile: ?0',
  'sec-ch-ua-platform: "Linux"',
];

export function createSubscribers(now: () => number): Subscribers {
  const expected = new Map<string, { changedAt: number; missing: number; lastAt: number }>();
  // All connections read into one buffer.
  const buffer = Buffer.alloc(64 * 1024);
  let streams = 0;
  let bytes = 0;
  // Streams of one operation get the same text, one after the other.
  let last = { text: '', ids: [] as readonly string[] };

  function idsIn(text: string): readonly string[] {
    if (text !== last.text) {
      last = { text, ids: [...text.matchAll(/"id":"([^"]+)"/g)].map(([, id = '']) => id) };
    }
    return last.ids;
  }
  function note(text: string): void {
    for (const id of idsIn(text)) {
      const change = expected.get(id);
      if (!change) continue;
      change.missing -= 1;
      change.lastAt = now();
    }
  }

  /** Resolves when the first event is there. */
  function openOne(target: URL, request: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let isOpen = false;
    let unread = '';
    const callback = (length: number): boolean => {
      bytes += length;
      const text = unread + buffer.toString('latin1', 0, length);
      // An event ends with an empty line, a chunk with a line break.
      unread = text.endsWith('\n') && (isOpen || text.includes('"complete":true')) ? '' : text;
      if (text.includes('"errors":')) socket.destroy(new Error(`A stream has failed: ${text}`));
      if (unread !== '') return true;
      if (isOpen) note(text);
      isOpen = true;
      resolve();
      return true;
    };
    const socket: Socket = connect({
      host: target.hostname,
      port: Number(target.port),
      onread: { buffer, callback },
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('The server has closed a stream')));
    socket.once('connect', () => socket.write(request));
    return promise;
  }

  return {
    async open({ url, key, streams: count, cohorts }) {
      const target = new URL(url);
      streams = count;
      let opened = 0;
      const openInTurn = async () => {
        while (opened < count) {
          opened += 1;
          await openOne(target, requestOf(target, key, opened % cohorts));
        }
      };
      await Promise.all(Array.from({ length: openingAtOnce }, openInTurn));
    },
    expect({ id, changedAt }) {
      expected.set(id, { changedAt, missing: streams, lastAt: Number.NaN });
    },
    takeArrivals() {
      const delaysMs = [...expected.values()].map(({ changedAt, missing, lastAt }) =>
        missing === 0 ? lastAt - changedAt : null,
      );
      const arrivals = { bytes, delaysMs };
      bytes = 0;
      return arrivals;
    },
  };
}

function requestOf({ host, pathname }: URL, key: string, cohort: number): string {
  const body = JSON.stringify({
    query: `subscription Screen${cohort} {
      instances { complete changed { id name status } gone totalCount asOf stale }
    }`,
  });
  const headers = [
    `host: ${host}`,
    `authorization: Bearer ${key}`,
    'accept: text/event-stream',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    ...browserHeaders,
  ];
  return `POST ${pathname} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n${body}`;
}
