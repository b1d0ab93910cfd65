import { z } from 'zod';
import { given } from './validators.ts';

/** Who may ask, and with which key the upstream is asked where callers bring none. */
export type Auth =
  | { readonly kind: 'passthrough' }
  | {
      readonly kind: 'jwt';
      readonly apiKey: string;
      readonly jwksUrl: URL;
      readonly issuer: string;
      readonly audience: string;
    }
  | { readonly kind: 'none'; readonly apiKey: string };

const noApiKey = z
  .undefined(
    'must not be set with AUTH=passthrough: every caller brings a key, and a server that holds one could answer strangers with it',
  )
  .optional();

const apiKey = given(
  /^[\x21-\x7e]{1,4096}$/,
  'must be set unless AUTH=passthrough: the key for EnviaAI, up to 4096 visible ASCII characters',
);

const claim = (name: string) =>
  given(/^\S+$/, `must be set with AUTH=jwt: the "${name}" of the tokens, without spaces`);

const jwksMessage =
  'must be set with AUTH=jwt: an http or https URL without user name, password and fragment (#)';

/** Whoever can change the keys on their way can issue tokens. */
const jwksUrl = (production: boolean) =>
  z
    .string(jwksMessage)
    .refine((text) => /^https?:\/\/[^\s@#]+$/.test(text) && URL.canParse(text), jwksMessage)
    .transform((text) => new URL(text))
    .refine(
      (url) => !production || url.protocol === 'https:' || isLoopback(url),
      'must be https in production, but on this machine',
    );

const isLoopback = ({ hostname }: URL): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname);

/** The variables that depend on AUTH. */
export const authVariables = (production: boolean) =>
  z.discriminatedUnion(
    'AUTH',
    [
      z.object({ AUTH: z.literal('passthrough'), ENVIAAI_API_KEY: noApiKey }),
      z.object({
        AUTH: z.literal('jwt'),
        ENVIAAI_API_KEY: apiKey,
        AUTH_JWKS_URL: jwksUrl(production),
        AUTH_ISSUER: claim('iss'),
        AUTH_AUDIENCE: claim('aud'),
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
  return { kind: 'jwt', apiKey: key, jwksUrl, issuer, audience };
}
