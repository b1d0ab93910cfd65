import {
  type ClientOptions,
  createClient,
  type EnviaaiError,
  type WatchedList,
} from 'enviaai-graphql/client';
import { Agent, fetch as fetchWith } from 'undici';
import { onTestFinished } from 'vitest';
import type { WatchedServer } from '#test/support/live/watched-server.ts';

export const key = 'test';
export const silenceMs = 45_000;

/** Waits that end when the test says so. */
function createWaits() {
  const pending = new Set<{ readonly ms: number; readonly resolve: () => void }>();
  const sleep: ClientOptions['sleep'] = (ms, signal) =>
    new Promise((resolve, reject) => {
      const wait = { ms, resolve };
      pending.add(wait);
      signal?.addEventListener('abort', () => {
        pending.delete(wait);
        reject(new Error('aborted'));
      });
    });
  return {
    sleep,
    /** The waits in milliseconds, but for those for silent streams. */
    waits: () => [...pending].flatMap(({ ms }) => (ms === silenceMs ? [] : ms)),
    silences: () => [...pending].filter(({ ms }) => ms === silenceMs).length,
    elapse: (ms: number) => {
      const due = [...pending].find((wait) => wait.ms === ms);
      if (!due) throw new Error(`Nothing waits for ${ms} ms.`);
      pending.delete(due);
      due.resolve();
    },
  };
}

/** A `fetch` whose streams can be cut and refused. */
function createNetwork() {
  const cuts = new Set<AbortController>();
  // After an abort, it connects again without a request, and a server that stops waits for that.
  const agent = new Agent();
  onTestFinished(() => agent.destroy());
  let isRefusing = false;
  let opened = 0;
  const send: typeof fetch = (input, init) => {
    const isStream = new Headers(init?.headers).get('accept') === 'text/event-stream';
    if (!isStream) return fetch(input, init);
    opened += 1;
    if (isRefusing) return Promise.reject(new TypeError('fetch failed'));
    const cut = new AbortController();
    cuts.add(cut);
    const signals = init?.signal ? [init.signal, cut.signal] : [cut.signal];
    const request = { ...init, signal: AbortSignal.any(signals), dispatcher: agent };
    // The declarations of undici and of the platform differ.
    return (fetchWith as unknown as typeof fetch)(input, request);
  };
  return {
    fetch: send,
    opened: () => opened,
    cut: () => cuts.forEach((cut) => cut.abort()),
    refuse: (on: boolean) => void (isRefusing = on),
  };
}

/** A platform whose responses have no streams, as React Native. */
export const withoutStreams: typeof fetch = async (...call) => {
  const response = await fetch(...call);
  const { status, headers } = response;
  const isStream = headers.get('content-type')?.startsWith('text/event-stream');
  const text = isStream ? '' : await response.text();
  return { status, headers, text: async () => text } as Response;
};

/** A client whose waits end, and whose streams break, when the test says so. */
export function setUpWatch(
  server: Pick<WatchedServer, 'url'>,
  options: Partial<ClientOptions> = {},
) {
  const waits = createWaits();
  const network = createNetwork();
  const { instances } = createClient({
    url: server.url,
    token: key,
    fetch: network.fetch,
    sleep: waits.sleep,
    random: () => 0.25,
    ...options,
  });
  return { ...waits, network, watch: instances.watch };
}

/** Reads all lists. `ended`: what ended them. */
export function followLists(lists: AsyncIterable<WatchedList>) {
  const seen: WatchedList[] = [];
  const read = async () => {
    for await (const list of lists) seen.push(list);
  };
  const ended = read().then(
    () => undefined,
    (error: unknown) => error as EnviaaiError,
  );
  const last = () => seen[seen.length - 1];
  return {
    seen,
    ended,
    last,
    statusOf: (id: string) => last()?.instances.find((instance) => instance.id === id)?.status,
  };
}

export const openStreams = async ({ url }: Pick<WatchedServer, 'url'>) => {
  const text = await (await fetch(new URL('/metrics', url))).text();
  return Number(/^enviaai_streams_open (\d+)$/m.exec(text)?.[1]);
};
