import { expect } from 'vitest';
import type { Env } from '#src/config/config.ts';
import type { WebhookSettings } from '#src/sandbox/webhook/webhook.ts';
import { createTestClock } from '#test/support/clock.ts';
import { figure } from '#test/support/budget/figure.ts';
import { start, type Started, type StartOptions } from '#test/support/start.ts';
import { deliver, secret } from './signed.ts';

const key = 'test';

/** A server with a key of its own, which accepts signed events. */
export const hookedEnv: Env = { AUTH: 'none', ENVIAAI_API_KEY: key, WEBHOOK_SECRET: secret };

/** What tests do with the webhook of a server that has `hookedEnv`. */
export function webhookOf(server: Started) {
  const { control } = server.sandbox;
  const hook = new URL('/webhooks/enviaai', server.url);
  return {
    hook,
    /** Lets the sandbox deliver the events of the account, signed with the secret. */
    hookUp: (settings: Partial<WebhookSettings> = {}) =>
      control.webhook({ key, url: hook.href, secret, ...settings }),
    /** Resolves when this number of deliveries have got a 204. */
    delivered: (count: number) =>
      expect
        .poll(() => control.deliveries({ key }).deliveries.map(({ status }) => status), {
          interval: 1,
        })
        .toEqual(Array.from({ length: count }, () => 204)),
    status: (id: string, status: 'connected' | 'disconnected') =>
      control.status({ key, id, status }),
    deliver: (body: string | Uint8Array<ArrayBuffer>, signature?: string | null) =>
      deliver(hook, body, signature),
    outcome: (name: string) => figure(server, `enviaai_webhooks_total{outcome="${name}"}`),
  };
}

/** A server with a key of its own, whose sandbox can deliver its events to it. */
export async function startHooked({ env = {}, ...options }: StartOptions & { env?: Env } = {}) {
  const clock = createTestClock();
  const server = await start({ clock, env: { ...hookedEnv, ...env }, ...options });
  return { ...server, clock, ...webhookOf(server) };
}
