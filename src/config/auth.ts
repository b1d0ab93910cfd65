import { z } from 'zod';
import { isLoopback, matching } from './validators.ts';

/** How callers authenticate, and the EnviaAI key of the server, if callers do not send one. */
export type Auth =
  | { readonly kind: 'passthrough' }
  | {
      readonly kind: 'jwt';
      readonly apiKey: string;
      readonly jwksUrl: URL;
      readonly issuer: string;
      readonly audience: string;
      /** The scope that a token needs for mutations; null: none. */
      readonly writeScope: string | null;
    }
  | { readonly kind: 'none'; readonly apiKey: string };

const noApiKey = z
  .undefined(
    'must not be set with AUTH=passthrough: each caller sends a key, and a server with a key could answer strangers with it',
  )
  .optional();

const noWebhookSecret = z
  .undefined(
    'must not be set with AUTH=passthrough: it is for the account of the key of this server; use WEBHOOKS',
  )
  .optional();

const apiKey = matching(
  /^[\x21-\x7e]{1,4096}$/,
  'must be set with AUTH=jwt and AUTH=none: an EnviaAI API key, up to 4096 visible ASCII characters',
);

const claim = (name: string) =>
  matching(/^\S+$/, `must be set with AUTH=jwt: the claim "${name}" of the tokens, without spaces`);

const jwksMessage =
  'must be set with AUTH=jwt: an http or https URL without a user name, password or fragment (#)';

/** HTTPS in production: anyone who can change the public keys in transit can issue tokens. */
const jwksUrl = (production: boolean) =>
  z
    .string(jwksMessage)
    .refine((text) => /^https?:\/\/[^\s@#]+$/.test(text) && URL.canParse(text), jwksMessage)
    .transform((text) => new URL(text))
    .refine(
      (url) => !production || url.protocol === 'https:' || isLoopback(url),
      'must be an https URL in production, unless it is on this machine',
    );

/** The variables that depend on AUTH. */
export const authVariables = (production: boolean) =>
  z.discriminatedUnion(
    'AUTH',
    [
      z.object({
        AUTH: z.literal('passthrough'),
        ENVIAAI_API_KEY: noApiKey,
        WEBHOOK_SECRET: noWebhookSecret,
      }),
      z.object({
        AUTH: z.literal('jwt'),
        ENVIAAI_API_KEY: apiKey,
        AUTH_JWKS_URL: jwksUrl(production),
        AUTH_ISSUER: claim('iss'),
        AUTH_AUDIENCE: claim('aud'),
        AUTH_WRITE_SCOPE: matching(
          /^[\x21\x23-\x5b\x5d-\x7e]+$/,
          'must be one scope, without spaces',
        ).optional(),
      }),
      z.object({ AUTH: z.literal('none'), ENVIAAI_API_KEY: apiKey }),
    ],
    'must be one of passthrough, jwt, none',
  );

export function authOf(read: z.infer<ReturnType<typeof authVariables>>): Auth {
  if (read.AUTH === 'passthrough') return { kind: 'passthrough' };
  const { ENVIAAI_API_KEY: key } = read;
  if (read.AUTH === 'none') return { kind: 'none', apiKey: key };
  const { AUTH_JWKS_URL: jwksUrl, AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience } = read;
  const { AUTH_WRITE_SCOPE: writeScope = null } = read;
  return { kind: 'jwt', apiKey: key, jwksUrl, issuer, audience, writeScope };
}
