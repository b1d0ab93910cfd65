import type { Config } from '#src/config/config.ts';
import { readWebhookAccounts } from '#src/config/webhook-variables.ts';
import type { Clock } from '#src/domain/clock.ts';
import { tenantOf } from '#src/domain/tenant.ts';
import { type WebhookAccount, webhookPath, type Webhooks } from '#src/http/routes/webhooks.ts';
import type { SharedReads } from '#src/reading/upstream/shared-reads.ts';
import { createNudges } from '#src/reading/written/nudges.ts';
import type { Log } from '#src/telemetry/log.ts';
import type { Metrics } from '#src/telemetry/metrics.ts';

export interface WebhooksParts extends Pick<SharedReads, 'applyWrite'> {
  readonly clock: Pick<Clock, 'setTimer'>;
  readonly metrics: Pick<Metrics, 'countWebhook' | 'memory'>;
  readonly log: Pick<Log, 'debug'>;
}

/**
 * The accounts whose changes EnviaAI announces, by the paths of their webhooks. Throws a
 * `ConfigError` for a file that cannot be used.
 */
export function webhookAccountsOf({
  auth,
  webhooks: { secrets, file },
}: Pick<Config, 'auth' | 'webhooks'>): Webhooks['accounts'] {
  const accounts = new Map<string, WebhookAccount>();
  if (auth.kind !== 'passthrough' && secrets.length > 0) {
    accounts.set(webhookPath(), { tenant: tenantOf(auth.apiKey), secrets });
  }
  for (const account of file === null ? [] : readWebhookAccounts(file)) {
    const { name, keySha256: tenant, secrets } = account;
    accounts.set(webhookPath(name), { tenant, secrets });
  }
  return accounts;
}

/** Wires webhooks: an event makes the pages of its instance outdated, as a write does. */
export function createWebhooks(
  accounts: Webhooks['accounts'],
  { applyWrite, clock, metrics, log }: WebhooksParts,
): Webhooks & { readonly close: () => Promise<void> } {
  const nudges = createNudges({
    apply: (tenant, id) => applyWrite(tenant, { kind: 'event', id, fields: {} }),
    setTimer: clock.setTimer,
    track: metrics.memory.trackEntries,
  });
  return {
    accounts,
    onChange: nudges.add,
    onDelivery(outcome, requestId) {
      metrics.countWebhook(outcome);
      log.debug({ requestId, outcome }, 'A webhook was delivered');
    },
    close: nudges.flush,
  };
}
