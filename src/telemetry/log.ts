import { pino, type DestinationStream, type Logger } from 'pino';

export type Log = Logger;

export interface LogOptions {
  readonly level: string;
  /** Readable text for a terminal, instead of JSON lines. */
  readonly pretty: boolean;
  /** For tests. The default is standard output. */
  readonly destination?: DestinationStream;
}

// Redacted in case one is logged by accident.
const secretFields = [
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

/** The log. It writes synchronously, so that the last line is not lost in a crash. */
export async function createLog({ level, pretty, destination }: LogOptions): Promise<Log> {
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: {
      paths: secretFields.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
      censor: '[secret]',
    },
  };
  if (destination) return pino(options, destination);
  if (!pretty) return pino(options, pino.destination({ dest: 1, sync: true }));
  // Loaded on terminals only.
  const { default: prettify } = await import('pino-pretty');
  const stream = prettify({ destination: 1, sync: true, translateTime: 'SYS:HH:MM:ss' });
  return pino(options, stream);
}
