import process from 'node:process';
import { isatty } from 'node:tty';
import { createApp } from './app.ts';
import { addressProblem } from './app/address-problem.ts';
import { type Config, ConfigError, type Env, parseConfig } from './config/config.ts';
import { withSecretFiles } from './config/secret-files.ts';
import { startWarnings } from './config/start-warnings.ts';
import { packageVersion } from './config/version.ts';
import { createLog } from './telemetry/log.ts';
import type { Tracing } from './telemetry/tracing.ts';

/**
 * A second SIGINT within 1 s is ignored: on Ctrl-C, the terminal signals npm and this process, and
 * npm passes the signal on. A later SIGINT, or a second SIGTERM at any time, ends the process at
 * once.
 */
const duplicateSigintMs = 1000;

/**
 * Time for closing after the last response, so that a stop takes at most 1 s more than an
 * operation.
 */
const closeMs = 900;

/** At the end of a stop, the reader of the log has this long to accept the last lines. */
const flushMs = 300;

const { env, config } = readConfigOrExit();
const version = packageVersion();
const log = await createLog({ level: config.logLevel, pretty: isatty(1) });
const tracing = config.traces ? await startTracing() : undefined;
const app = await createApp(config, { log, tracing }).catch(exitWithProblems);

let exitCode = 0;
let stoppingSince: number | null = null;
process.on('SIGTERM', stopOnSignal).on('SIGINT', stopOnSignal);
process.on('uncaughtException', stopAfterError).on('unhandledRejection', stopAfterError);

try {
  const { url } = await app.listen();
  log.info({ version, node: process.versions.node }, startLine(url));
  for (const warning of startWarnings(config, env)) log.warn(warning);
  if (config.auth.kind === 'none') {
    log.warn(
      'AUTH=none: callers are not authenticated, and all of them read with the key of this ' +
        'server. Only a private network should be able to reach it.',
    );
  }
} catch (error) {
  const problem = addressProblem(error, config.listen);
  if (problem === null) throw error;
  exitWith([problem]);
}

function readConfigOrExit(): { readonly env: Env; readonly config: Config } {
  try {
    const env = withSecretFiles(process.env);
    return { env, config: parseConfig(env) };
  } catch (error) {
    return exitWithProblems(error);
  }
}

/** Prints the problems of a ConfigError, and exits. Throws every other error. */
function exitWithProblems(error: unknown): never {
  if (error instanceof ConfigError) return exitWith(error.problems);
  throw error;
}

/** OpenTelemetry is imported only if traces are on, because it takes time and memory. */
async function startTracing(): Promise<Tracing> {
  const { createTracing } = await import('./telemetry/tracing.ts');
  // OpenTelemetry reads its variables itself, and knows no files.
  const headers = 'OTEL_EXPORTER_OTLP_HEADERS';
  if (env[headers]) process.env[headers] = env[headers];
  return createTracing({
    version,
    onDelivery(reason) {
      if (reason === null) log.info('Traces are delivered again.');
      else log.warn({ reason }, 'Traces cannot be delivered. Until they can, they are dropped.');
    },
  });
}

function exitWith(problems: readonly string[]): never {
  process.stderr.write(`${problems.join('\n')}\n`);
  process.exit(1);
}

function startLine(url: string): string {
  const { upstream } = config;
  const name = upstream.kind === 'sandbox' ? 'the embedded sandbox' : upstream.baseUrl.href;
  return [`Serving ${url} with ${name} as upstream.`, authLine(config), ...proxyLines(config)].join(
    ' ',
  );
}

/** Without the user name and the password of the proxy. */
function proxyLines({ proxies }: Config): readonly string[] {
  const { upstream, jwks } = proxies;
  const line = (subject: string, proxy: URL) => `${subject} through the proxy ${proxy.origin}.`;
  if (upstream && jwks?.href === upstream.href) {
    return [line('Calls to EnviaAI and AUTH_JWKS_URL go', upstream)];
  }
  return [
    ...(upstream ? [line('Calls to EnviaAI go', upstream)] : []),
    ...(jwks ? [line('Calls to AUTH_JWKS_URL go', jwks)] : []),
  ];
}

function authLine({ auth, upstream }: Config): string {
  if (auth.kind === 'none') return 'Callers are not authenticated.';
  if (auth.kind === 'jwt') {
    const token = `a token from ${auth.issuer} for ${auth.audience}`;
    return `Callers must send ${token} as "Authorization: Bearer <JWT>".`;
  }
  return upstream.kind === 'sandbox'
    ? 'Callers can send any key as "Authorization: Bearer <key>", or none.'
    : 'Callers must send an EnviaAI API key as "Authorization: Bearer <key>".';
}

function stopOnSignal(signal: NodeJS.Signals): void {
  const now = performance.now();
  if (stoppingSince === null) log.info(`${signal}: finishing requests in progress, then exiting.`);
  else if (signal !== 'SIGINT' || now - stoppingSince > duplicateSigintMs) process.exit(1);
  void stop();
}

function stopAfterError(error: unknown): void {
  const stack = error instanceof Error ? error.stack : typeof error;
  log.fatal({ stack }, 'Uncaught error: finishing requests in progress, then exiting.');
  exitCode = 1;
  void stop();
}

/** Finishes the requests in progress, closes everything and exits. Bounded by a timer. */
async function stop(): Promise<void> {
  if (stoppingSince !== null) return;
  stoppingSince = performance.now();
  setTimeout(() => process.exit(exitCode), config.requestTimeoutMs + closeMs);
  try {
    await app.close();
    await tracing?.close();
    await log.flush(flushMs);
  } catch (error) {
    stopAfterError(error);
  }
  process.exit(exitCode);
}
