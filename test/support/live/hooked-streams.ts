import type { StartOptions } from '#test/support/start.ts';
import { hookedEnv, webhookOf } from '#test/support/webhooks/hooked-server.ts';
import { startWatched } from './watched-server.ts';

/** A server with a key of its own that is watched, and whose sandbox can deliver its events. */
export async function startHookedStreams({
  env = {},
  ...options
}: Omit<StartOptions, 'clock'> = {}) {
  const server = await startWatched({
    ...options,
    env: { ...hookedEnv, MUTATIONS: 'on', ...env },
  });
  const webhook = webhookOf(server);
  let delivered = 0;
  return {
    ...server,
    ...webhook,
    /** A change of which the event arrives at once. */
    async change(changed: string, status: 'connected' | 'disconnected') {
      webhook.status(changed, status);
      await webhook.delivered((delivered += 1));
    },
    /** Updates an instance as another program would: not through this server. */
    async update(id: string, fields: object): Promise<void> {
      const response = await fetch(`${server.sandbox.url}/instances/${id}`, {
        method: 'PATCH',
        headers: { authorization: 'Bearer test', 'content-type': 'application/json' },
        body: JSON.stringify(fields),
      });
      if (!response.ok) throw new Error(await response.text());
    },
    /** The calls that are made while time passes. */
    async callsWhile(ms: number, stepMs?: number): Promise<string[]> {
      const before = server.calls().length;
      await server.pass(ms, stepMs);
      return server.calls().slice(before);
    },
  };
}

export type HookedStreams = Awaited<ReturnType<typeof startHookedStreams>>;
