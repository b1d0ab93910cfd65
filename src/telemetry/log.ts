import { pino, type DestinationStream, type Logger } from 'pino';

export type Log = Logger;

export interface LogOptions {
  readonly level: string;
  /** For a person at a terminal, instead of JSON lines for a machine. */
  readonly pretty: boolean;
  /** Standard output, unless a test looks. */
  readonly destination?: DestinationStream;
}

// What is never logged on purpose, and must not be by accident either.
const secrets = [
  'authorization',
  'Authorization',
  'apiKey',
  'key',
  'token',
  'password',
  'cookie',
  'variables',
  'query',
];

/** The log: JSON lines on standard output, written at once, so that the last one is there after a crash. */
export async function createLog({ level, pretty, destination }: LogOptions): Promise<Log> {
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: {
      paths: secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
      censor: '[secret]',
    },
  };
  if (destination) return pino(options, destination);
  if (!pretty) return pino(options, pino.destination({ dest: 1, sync: true }));
  // Needed on terminals only.
  const { default: prettify } = await import('pino-pretty');
  const stream = prettify({ destination: 1, sync: true, translateTime: 'SYS:HH:MM:ss' });
  return pino(options, stream);
}
