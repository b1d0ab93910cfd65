import diagnosticsChannel from 'node:diagnostics_channel';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { TestClock } from '#test/support/clock.ts';

/** Turns of the event loop in which a response passes through the server to its clients. */
const turns = 20;

interface Request {
  readonly origin?: unknown;
}

/**
 * The requests to a sandbox that are in flight, as undici reports them; those of clients to a server
 * too, if it is given. A stream is no longer in flight when its headers have come.
 */
export function watchUpstreamTraffic(sandboxUrl: string, ...serverUrls: readonly string[]) {
  const origins = new Set<unknown>([sandboxUrl, ...serverUrls].map((url) => new URL(url).origin));
  const inFlight = new Set<unknown>();
  const requestOf = (message: unknown) => (message as { readonly request: Request }).request;
  const started = (message: unknown) => {
    const request = requestOf(message);
    if (origins.has(request.origin)) inFlight.add(request);
  };
  const ended = (message: unknown) => void inFlight.delete(requestOf(message));
  const answered = (message: unknown) => {
    const { response } = message as { readonly response: { readonly headers: readonly Buffer[] } };
    if (response.headers.some((part) => String(part).startsWith('text/event-stream'))) {
      ended(message);
    }
  };
  const channels = [
    ['undici:request:create', started],
    ['undici:request:headers', answered],
    ['undici:request:trailers', ended],
    ['undici:request:error', ended],
  ] as const;
  for (const [name, listener] of channels) diagnosticsChannel.subscribe(name, listener);
  onTestFinished(() => {
    for (const [name, listener] of channels) diagnosticsChannel.unsubscribe(name, listener);
  });

  /** Resolves when no call is in flight, and what it brought has been passed on. */
  async function settle(): Promise<void> {
    for (let quiet = 0; quiet < turns; quiet = inFlight.size === 0 ? quiet + 1 : 0) {
      await nextTurn();
    }
  }
  return {
    settle,
    /** Lets time pass in steps, each of them after the calls of the last one. */
    async pass(clock: TestClock, ms: number, stepMs = 250): Promise<void> {
      await settle();
      for (let left = ms; left > 0; left -= stepMs) {
        clock.advance(Math.min(stepMs, left));
        await settle();
      }
    },
  };
}
