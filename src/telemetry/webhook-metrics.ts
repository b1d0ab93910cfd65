import { Counter, type Registry } from 'prom-client';

export interface WebhookMetrics {
  readonly countWebhook: (outcome: string) => void;
}

export function createWebhookMetrics(
  registry: Registry,
  outcomes: readonly string[],
): WebhookMetrics {
  const deliveries = new Counter({
    name: 'enviaai_webhooks_total',
    help: 'Deliveries of webhooks, by their outcome.',
    labelNames: ['outcome'],
    registers: [registry],
  });
  for (const outcome of outcomes) deliveries.inc({ outcome }, 0);
  return { countWebhook: (outcome) => deliveries.inc({ outcome }) };
}
