import { type Config, variableNames } from './config.ts';
import type { Env } from './config-error.ts';
import { proxyVariableNames } from './proxy.ts';
import { isLoopback } from './validators.ts';
import { unknownVariables } from './variable-names.ts';

/** One line for each setting that is probably a mistake, although the server can start with it. */
export const startWarnings = (config: Config, env: Env): readonly string[] => [
  ...unknownVariables(
    Object.keys(env).filter((name) => env[name] !== ''),
    [...variableNames, ...proxyVariableNames.map((name) => name.toLowerCase())],
  ),
  ...unencryptedConnections(config, env),
];

/** Connections to other machines that anyone in between can read or change. */
function unencryptedConnections(config: Config, env: Env): readonly string[] {
  const { upstream, auth, redisUrl } = config;
  const warnings: string[] = [];
  if (upstream.kind === 'live' && isPlain(upstream.baseUrl)) {
    warnings.push(
      'ENVIAAI_BASE_URL: http sends every API key to another machine unencrypted. Use https.',
    );
  }
  if (auth.kind === 'jwt' && isPlain(auth.jwksUrl)) {
    warnings.push(
      'AUTH_JWKS_URL: with http, anyone between the issuer and this server can replace the keys that tokens are checked with. Use https.',
    );
  }
  if (redisUrl !== null && redisUrl.password !== '' && isPlain(redisUrl)) {
    warnings.push(
      'REDIS_URL: redis:// sends the password to another machine unencrypted. Use rediss://.',
    );
  }
  if (config.traces && env['OTEL_EXPORTER_OTLP_HEADERS']) {
    for (const name of ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']) {
      const url = env[name] ? new URL(env[name]) : null;
      if (url === null || !isPlain(url)) continue;
      warnings.push(
        `${name}: http sends OTEL_EXPORTER_OTLP_HEADERS to another machine unencrypted. Use https.`,
      );
    }
  }
  return warnings;
}

const isPlain = (url: URL): boolean => /^(?:http|redis):$/.test(url.protocol) && !isLoopback(url);
