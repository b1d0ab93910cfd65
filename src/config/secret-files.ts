import { readFileSync } from 'node:fs';
import { ConfigError, type Env } from './config-error.ts';

/**
 * The variables with secrets. Each can be read from a file instead, such as a secret of Docker or
 * Kubernetes: `NAME_FILE` is its path. The last one is OpenTelemetry's.
 */
export const secretNames = [
  'ENVIAAI_API_KEY',
  'WEBHOOK_SECRET',
  'REDIS_URL',
  'REDIS_SENTINEL_PASSWORD',
  'OTEL_EXPORTER_OTLP_HEADERS',
] as const;

export const secretFileNames: readonly string[] = secretNames.map((name) => `${name}_FILE`);

/**
 * The environment with the secrets of its files. Throws a {@link ConfigError}, without any path or
 * content, for files that cannot be used.
 */
export function withSecretFiles(env: Env): Env {
  const secrets: Record<string, string> = {};
  const problems: string[] = [];
  for (const name of secretNames) {
    const path = env[`${name}_FILE`];
    if (!path) continue;
    const secret = env[name] ? { problem: `must not be set if ${name} is` } : secretIn(path);
    if ('problem' in secret) problems.push(`${name}_FILE: ${secret.problem}`);
    else secrets[name] = secret.text;
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return { ...env, ...secrets };
}

type Secret = { readonly text: string } | { readonly problem: string };

function secretIn(path: string): Secret {
  try {
    // Editors and `echo` end a file with a line break.
    const text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    return text === '' ? { problem: 'the file is empty' } : { text };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return { problem: code === 'ENOENT' ? 'the file does not exist' : 'the file cannot be read' };
  }
}
