import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from './config-error.ts';

/** Who may announce changes by webhook. */
export interface WebhooksConfig {
  /** Secrets for the account of the server's key; none: it has no webhook. */
  readonly secrets: readonly string[];
  /** The path of a file with further accounts; null: there are none. */
  readonly file: string | null;
}

/** An account of the file `WEBHOOKS`. */
export interface WebhookAccountConfig {
  /** The last part of its webhook's path. */
  readonly name: string;
  /** SHA-256 of its API key, in lower-case hexadecimal. */
  readonly keySha256: string;
  readonly secrets: readonly string[];
}

/** Each costs one HMAC of every delivery. */
const maxSecrets = 10;

const secretPattern = /^[\x21-\x7e]{1,1024}$/;

const secretsMessage = `must be 1 to ${maxSecrets} secrets of up to 1024 visible ASCII characters`;

const secrets = z
  .array(z.string(secretsMessage).regex(secretPattern, secretsMessage), secretsMessage)
  .min(1, secretsMessage)
  .max(maxSecrets, secretsMessage);

export const webhookVariables = z.object({
  WEBHOOK_SECRET: z
    .string()
    .transform((text) => text.split(',').map((secret) => secret.trim()))
    .refine((list) => secrets.safeParse(list).success, `${secretsMessage}, separated by commas`)
    .optional(),
  WEBHOOKS: z.string().optional(),
});

export const webhooksOf = (read: z.infer<typeof webhookVariables>): WebhooksConfig => ({
  secrets: read.WEBHOOK_SECRET ?? [],
  file: read.WEBHOOKS ?? null,
});

const accounts = z.array(
  z.strictObject(
    {
      name: z
        .string('must be a text')
        .regex(/^[\w-]{1,64}$/, 'must be 1 to 64 letters, digits, hyphens or underscores'),
      keySha256: z
        .string('must be a text')
        .regex(/^[0-9a-f]{64}$/i, 'must be the SHA-256 of an API key: 64 hexadecimal digits')
        .toLowerCase(),
      secrets,
    },
    'must be an object with name, keySha256 and secrets, and nothing else',
  ),
  'must be a JSON list of accounts',
);

/**
 * The accounts of the file `WEBHOOKS`. Throws a {@link ConfigError}, without its path or content,
 * if it cannot be used.
 */
export function readWebhookAccounts(path: string): readonly WebhookAccountConfig[] {
  const read = accounts.safeParse(jsonOf(path));
  if (!read.success) {
    throw new ConfigError([
      ...new Set(read.error.issues.map(({ path, message }) => `WEBHOOKS: ${at(path)}${message}`)),
    ]);
  }
  const names = read.data.map(({ name }) => name);
  const repeated = names.flatMap((name, index) =>
    names.indexOf(name) < index
      ? [`WEBHOOKS: ${at([index, 'name'])}is the name of another one`]
      : [],
  );
  if (repeated.length > 0) throw new ConfigError(repeated);
  return read.data;
}

function jsonOf(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw new ConfigError(['WEBHOOKS: the file is not JSON']);
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const problem = code === 'ENOENT' ? 'does not exist' : 'cannot be read';
    throw new ConfigError([`WEBHOOKS: the file ${problem}`]);
  }
}

/** Where a problem is: `[0].secrets[1] `. */
const at = (path: readonly PropertyKey[]): string => {
  const parts = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`));
  return parts.length > 0 ? `${parts.join('')} ` : '';
};
