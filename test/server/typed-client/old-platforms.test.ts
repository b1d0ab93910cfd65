import { createClient } from 'enviaai-graphql/client';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { start } from '#test/support/start.ts';

/**
 * A signal as React Native has it: no `reason`, no `throwIfAborted`, and listeners without options.
 */
class OldSignal {
  aborted = false;
  readonly #listeners = new Set<() => void>();
  addEventListener(_: 'abort', listener: () => void) {
    this.#listeners.add(listener);
  }
  removeEventListener(_: 'abort', listener: () => void) {
    this.#listeners.delete(listener);
  }
  abort() {
    this.aborted = true;
    for (const listener of this.#listeners) listener();
  }
  get listeners() {
    return this.#listeners.size;
  }
}

const signalOf = (old: OldSignal) => old as unknown as AbortSignal;

/** Passes a call on to the real `fetch`, which takes no such signal. */
const oldFetch: typeof fetch = async (input, init) => {
  const old = init?.signal as unknown as OldSignal | undefined;
  const controller = new AbortController();
  if (old?.aborted) controller.abort();
  old?.addEventListener('abort', () => controller.abort());
  const { signal: _, ...rest } = init ?? {};
  return fetch(input, { ...rest, signal: controller.signal });
};

const aborted = { name: 'AbortError', message: 'The call was aborted.' };

test('a call with an old signal reads, and rejects with an AbortError once it is aborted', async () => {
  const server = await start();
  const { instances } = createClient({ url: server.url, token: 'test', fetch: oldFetch });
  const old = new OldSignal();
  const signal = signalOf(old);
  expect((await instances.list({ signal })).totalCount).toBe(3);
  old.abort();
  await expect(instances.list({ signal })).rejects.toMatchObject(aborted);
  expect(server.calls()).toHaveLength(1);
});

test('an old signal ends a call in progress', async () => {
  const old = new OldSignal();
  const server = await start();
  const { get } = createClient({
    url: server.url,
    token: 'test',
    fetch: (...call) => {
      const answer = oldFetch(...call);
      old.abort();
      return answer;
    },
  }).instances;
  await expect(get('inst_1', { signal: signalOf(old) })).rejects.toMatchObject(aborted);
});

test('an old signal ends the wait for a retry, and has no listener afterwards', async () => {
  const server = await start();
  server.sandbox.control.spend({ key: 'test', remaining: 0 });
  const old = new OldSignal();
  const { get } = createClient({
    url: server.url,
    token: 'test',
    fetch: async (input, init) => {
      const { signal: _, ...rest } = init ?? {};
      const response = await fetch(input, rest);
      // After the response is read, when the timer of the wait already runs.
      setImmediate(() => setImmediate(() => old.abort()));
      return new Response(await response.text(), { headers: response.headers });
    },
  }).instances;
  await expect(get('inst_1', { signal: signalOf(old) })).rejects.toMatchObject(aborted);
  expect(old.listeners).toBe(0);
});

/** Read only where `fetch` has streams, which React Native's does not. */
const ofStreams = new Map([['event-stream.ts', 'new TextDecoder()']]);

test('the client names nothing that React Native lacks, but to read streams', () => {
  const files = readdirSync('client').filter((name) => name.endsWith('.ts'));
  expect(files).toContain('connection.ts');
  const missing =
    /signal\??\.(?:throwIfAborted|reason)|AbortSignal\.|structuredClone|DOMException|Object\.hasOwn|Object\.groupBy|withResolvers|toSorted|toReversed|\.at\(|Promise\.any|crypto\.|WeakRef|TextDecoder|ReadableStream/;
  for (const name of files) {
    const code = readFileSync(`client/${name}`, 'utf8').replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, '');
    const others = code.replace(ofStreams.get(name) ?? '', '');
    expect([name, missing.exec(others)?.[0]]).toEqual([name, undefined]);
  }
});
