import type { Tenant } from '#src/domain/tenant.ts';
import { changedInstanceOf } from '#src/enviaai/response/webhook-event.ts';
import { readBody } from '#src/http/request/read-body.ts';
import { isSigned } from '#src/http/request/webhook-signature.ts';
import { HttpError } from '#src/http/response/http-error.ts';
import { send } from '#src/http/response/reply.ts';
import type { Route } from './router.ts';

/** How a delivery of a webhook can end. */
export const webhookOutcomes = [
  'accepted',
  'ignored',
  'bad_signature',
  'unknown_path',
  'too_large',
] as const;

export type WebhookOutcome = (typeof webhookOutcomes)[number];

/** An account whose changes EnviaAI announces. */
export interface WebhookAccount {
  readonly tenant: Tenant;
  /** Each of them is accepted, so that they can be replaced without a gap. */
  readonly secrets: readonly string[];
}

export interface Webhooks {
  /** By path. */
  readonly accounts: ReadonlyMap<string, WebhookAccount>;
  /** Called for each signed event of an instance. */
  readonly onChange: (tenant: Tenant, id: string) => void;
  readonly onDelivery: (outcome: WebhookOutcome, requestId: string) => void;
}

const root = '/webhooks/enviaai';

/** The path of the webhook of a named account; without a name, of the account of the server's key. */
export const webhookPath = (name?: string): string => (name ? `${root}/${name}` : root);

export const isWebhookPath = (path: string): boolean =>
  path === root || path.startsWith(`${root}/`);

/** Events have a few hundred bytes; those of messages have their text. */
const maxBytes = 64 * 1024;

/** The routes of all accounts, by path. */
export const webhookRoutes = (webhooks: Webhooks): (readonly [string, Route])[] =>
  [...webhooks.accounts].map(([path, account]) => [path, webhookRoute(account, webhooks)]);

/**
 * The route that EnviaAI calls when an instance has changed. The account is that of the path, and
 * the signature is the only credential: no browser can make one for a page.
 */
const webhookRoute = (
  { tenant, secrets }: WebhookAccount,
  { onChange, onDelivery }: Pick<Webhooks, 'onChange' | 'onDelivery'>,
): Route => ({
  headers: { 'cache-control': 'no-store' },
  handlers: {
    async POST(exchange) {
      const { request, response, requestId } = exchange;
      const body = await readBody(request, response, { maxBytes }).catch((error: unknown) => {
        if (error instanceof HttpError && error.status === 413) onDelivery('too_large', requestId);
        throw error;
      });
      const signature = request.headersDistinct['x-enviaai-signature']?.join();
      if (!isSigned(body, signature, secrets)) {
        onDelivery('bad_signature', requestId);
        throw new HttpError(401, 'The signature of the webhook is not valid.', {
          extensions: { code: 'UNAUTHENTICATED' },
        });
      }
      const id = changedInstanceOf(body);
      if (id !== null) onChange(tenant, id);
      onDelivery(id === null ? 'ignored' : 'accepted', requestId);
      send(exchange, { status: 204 });
    },
  },
});
