import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { startingRows } from '#src/sandbox/account/grow.ts';
import { createTenants } from '#src/sandbox/account/tenants.ts';
import { createControls } from '#src/sandbox/controls/create-controls.ts';
import { createVendor } from '#src/sandbox/vendor.ts';
import { sendReply } from '#src/sandbox/wire/send.ts';
import { sharedNow } from '#tools/bench/shared-clock.ts';
import { prepareAccount, type SandboxSettings, type StartedSandbox } from './sandbox.ts';

/** One call, by the clock of `sharedNow`. */
export interface UpstreamCall {
  readonly key: string;
  readonly startedAt: number;
  /** When its answer was sent; null: it is in progress. */
  readonly endedAt: number | null;
}

export interface StartedVendor extends StartedSandbox {
  setLatency(latencyMs: number): void;
  /** The calls that began since the last time. */
  takeCalls(): readonly UpstreamCall[];
  close(): Promise<void>;
}

const basePath = '/v1';
const bearer = 'Bearer ';

/** Starts the sandbox's REST API with a latency, and records when each call begins and ends. */
export async function startVendor(settings: SandboxSettings): Promise<StartedVendor> {
  const now = () => Math.floor(performance.timeOrigin + performance.now());
  const tenants = createTenants({
    initialRows: startingRows(settings.instances),
    ratePerMinute: settings.ratePerMinute,
    now,
    setTimer(ms, ring) {
      const timer = setTimeout(ring, ms).unref();
      return () => clearTimeout(timer);
    },
  });
  const control = createControls(tenants);
  const answer = createVendor(tenants, now);
  let latencyMs = 0;
  let calls: { key: string; startedAt: number; endedAt: number | null }[] = [];

  const server = createServer((request, response) => {
    const handle = async () => {
      const { url = '', headers } = request;
      const key = headers.authorization?.slice(bearer.length) ?? '';
      const call = { key, startedAt: sharedNow(), endedAt: null as number | null };
      calls.push(call);
      if (latencyMs > 0) await delay(latencyMs);
      const reply = await answer(request, url.slice(basePath.length));
      call.endedAt = sharedNow();
      sendReply(response, reply, now);
    };
    handle().catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${basePath}`,
    prepare: (account) => prepareAccount(control, account),
    change: (change) => void control.status(change),
    setLatency(ms) {
      latencyMs = ms;
    },
    takeCalls() {
      const taken = calls;
      calls = [];
      return taken;
    },
    async close() {
      tenants.stop();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
