import { randomUUID } from 'node:crypto';
import { connectActionOf } from '#src/acting/connect-once.ts';
import type { Config } from '#src/config/config.ts';
import type { EnviaaiLineState } from '#src/enviaai/client/instances.ts';
import { readByIds } from '#src/reading/by-id/read-by-ids.ts';
import { createLiveLines, type LiveLines } from '#src/reading/live/lines/live-lines.ts';
import { createLiveRows, type LiveRows } from '#src/reading/live/rows/live-rows.ts';
import type { LineReads } from '#src/reading/live/lines/line-poller.ts';
import type { LinkAttempts } from '#src/reading/live/lines/link-attempts.ts';
import { createRowReads } from '#src/reading/live/rows/row-reads.ts';
import type { PageFeed } from '#src/reading/live/page-feed.ts';
import type { Watcher } from '#src/reading/live/watcher.ts';
import { createReadSession, type ReadSessionOptions } from '#src/reading/session/read-session.ts';
import type { Dispatch } from '#src/reading/upstream/dispatch.ts';
import type { ActionRecords } from '#src/store/action-records.ts';
import type { Metrics } from '#src/telemetry/metrics.ts';

export interface Live {
  readonly lines: LiveLines;
  readonly rows: LiveRows;
}

export interface LiveWiring {
  readonly session: ReadSessionOptions;
  readonly dispatch: Dispatch;
  readonly enviaai: Pick<EnviaaiLineState, 'qrCode'>;
  readonly feed: PageFeed;
  readonly attempts: LinkAttempts;
  readonly actions: Pick<ActionRecords, 'forget'>;
  readonly metrics: { readonly memory: Pick<Metrics['memory'], 'trackEntries'> };
}

/** Wires what subscriptions watch. */
export function createLive(config: Config, wiring: LiveWiring): Live {
  const { session: options, dispatch, enviaai, feed, actions, attempts, metrics } = wiring;
  const { clock, reads } = options;
  const { pollMs } = config.live;
  // A watched row is never older than its poll, however long rows count as fresh.
  const sessionOptions = { ...options, freshMs: Math.min(options.freshMs, pollMs) };

  const readsOf = ({ tenant, apiKey, caller }: Watcher): LineReads => {
    // A poll serves all callers of a shared key, so that it counts for none of them.
    const payer = caller.kind === 'key-holder' ? caller : undefined;
    const credentials = () => ({ tenant, apiKey, caller: payer, requestId: randomUUID() });
    return {
      async rows(ids, signal) {
        const request = { ...credentials(), signal, noCache: false, isLive: true };
        const session = createReadSession(sessionOptions, request);
        const results = await readByIds(session, ids);
        return { results, asOf: session.recorder.cost()?.asOf ?? null };
      },
      code(id, { signal, sent, isUrgent }) {
        const request = { ...credentials(), signal };
        return dispatch(
          // Lists may take all live calls, and a person waits for a code.
          { ...request, purpose: isUrgent ? 'refresh' : 'live', hasOwnScope: true, sent },
          async ({ ticket }) => {
            const state = await enviaai.qrCode({ ...request, ticket }, id);
            return () => state;
          },
        );
      },
    };
  };

  const lines = createLiveLines({
    readsOf,
    feed,
    attempts,
    async onEnded(tenant, id, outcome) {
      // What the write that began the attempt has laid over the row.
      if (outcome === 'linked') await reads.applyWrite(tenant, { kind: 'status', id, fields: {} });
      await actions.forget(tenant, connectActionOf(id));
    },
    clock,
    pollMs,
    timeoutMs: config.requestTimeoutMs,
    track: metrics.memory.trackEntries,
  });
  const rows = createLiveRows({
    feed,
    clock,
    pollMs,
    maxPages: config.live.maxPages,
    timeoutMs: config.requestTimeoutMs,
    track: metrics.memory.trackEntries,
    readsOf: ({ tenant, apiKey, caller }) =>
      createRowReads(options, { tenant, apiKey, caller, pollMs, createRequestId: randomUUID }),
  });
  return { lines, rows };
}
