import process from 'node:process';
import { createApp } from './app.ts';
import { type Config, ConfigError, parseConfig } from './config/config.ts';
import { createLog } from './telemetry/log.ts';
import type { Tracing } from './telemetry/tracing.ts';

/**
 * npm passes on a Ctrl-C that the terminal sent to this process too: the second is no second wish. On a busy
 * machine it takes its time; who does mean it presses again, or sends SIGTERM.
 */
const echoMs = 1000;

const config = parseOrExit();
const log = await createLog({ level: config.logLevel, pretty: process.stdout.isTTY });
const tracing = config.traces ? await startTracing() : undefined;
const app = await createApp(config, { log, tracing }).catch(exitOver);

let exitCode = 0;
let stoppingSince: number | null = null;
process.on('SIGTERM', stopOn).on('SIGINT', stopOn);
process.on('uncaughtException', stopAfterFault).on('unhandledRejection', stopAfterFault);

try {
  const { url } = await app.listen();
  log.info(startLine(url));
  if (config.auth.kind === 'none') {
    log.warn(
      'AUTH=none: nobody is asked who they are, and all read with the key of this server. Let only a private network reach it',
    );
  }
} catch (error) {
  const problem = addressProblem(error);
  if (problem === null) throw error;
  exitWith([problem]);
}

function parseOrExit(): Config {
  try {
    return parseConfig(process.env);
  } catch (error) {
    return exitOver(error);
  }
}

/** Ends with what the environment lacks; anything else is a fault. */
function exitOver(error: unknown): never {
  if (error instanceof ConfigError) return exitWith(error.problems);
  throw error;
}

/** Loads OpenTelemetry, which nobody else does: it takes time and memory. */
async function startTracing(): Promise<Tracing> {
  const { createTracing } = await import('./telemetry/tracing.ts');
  return createTracing({
    onDelivery(isDelivered) {
      if (isDelivered) log.info('Traces are delivered again');
      else log.warn('Traces cannot be delivered: those of this time are lost');
    },
  });
}

function exitWith(problems: readonly string[]): never {
  process.stderr.write(`${problems.join('\n')}\n`);
  process.exit(1);
}

/** The line for an address that cannot be listened on, or null: it is something else. */
function addressProblem(error: unknown): string | null {
  const { host, port } = config.listen;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return `PORT: ${port} is in use already. Set another, such as PORT=${port < 65_535 ? port + 1 : port - 1}`;
    case 'EACCES':
      return `PORT: ${port} may not be used by this user`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `HOST: ${host} is not an address of this machine`;
    default:
      return null;
  }
}

function startLine(url: string): string {
  const { upstream } = config;
  const over = upstream.kind === 'sandbox' ? 'the embedded sandbox' : upstream.baseUrl.href;
  return `Serving ${url} with ${over} as upstream. ${whoMayAsk(config)}`;
}

function whoMayAsk({ auth, upstream }: Config): string {
  if (auth.kind === 'none') return 'Whoever can reach it may ask';
  if (auth.kind === 'jwt') {
    return `Whoever has a token from ${auth.issuer} for ${auth.audience} may ask: as "Authorization: Bearer <JWT>"`;
  }
  return upstream.kind === 'sandbox'
    ? 'Anyone may ask: with any key as "Authorization: Bearer <key>", or without one'
    : 'Whoever has an EnviaAI API key may ask: as "Authorization: Bearer <key>"';
}

function stopOn(signal: NodeJS.Signals): void {
  const now = performance.now();
  if (stoppingSince === null) log.info(`${signal}: finishing the requests that have begun`);
  else if (signal !== 'SIGINT' || now - stoppingSince > echoMs) process.exit(1);
  void stop();
}

function stopAfterFault(error: unknown): void {
  log.fatal({ stack: error instanceof Error ? error.stack : typeof error }, 'A fault: stopping');
  exitCode = 1;
  void stop();
}

/** Lets every request that has begun finish, but no longer than one may take; then exits. */
async function stop(): Promise<void> {
  if (stoppingSince !== null) return;
  stoppingSince = performance.now();
  setTimeout(() => process.exit(exitCode), config.requestTimeoutMs + 900);
  try {
    await app.close();
    await tracing?.close();
  } catch (error) {
    stopAfterFault(error);
  }
  process.exit(exitCode);
}
