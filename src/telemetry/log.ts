import { pino, type DestinationStream, type Logger } from 'pino';
import process from 'node:process';
import { systemClock } from '#src/domain/clock.ts';
import { createStdoutOutput } from './log-output.ts';
import { createLogWriter, type LogWriter } from './log-writer.ts';
import { createOperationLines, type OperationLine } from './operation-line.ts';

/** The log. Writing never waits for the reader of the log: see {@link LogWriter}. */
export interface Log extends Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'> {
  /** Logs an operation at level info. */
  readonly operation: (operation: OperationLine) => void;
  /** Number of lines that were dropped, because the reader was too slow or the write failed. */
  readonly droppedLines: () => number;
  /** Resolves when all lines are written, or after `maxMs`. */
  readonly flush: (maxMs: number) => Promise<void>;
}

export interface LogOptions {
  readonly level: string;
  /** Readable text for a terminal, instead of JSON lines. */
  readonly pretty: boolean;
  /** For tests, which read each line at once. The default is standard output. */
  readonly destination?: DestinationStream;
}

/** Upper bound on the age of a line of an operation before it is written. */
const flushMs = 250;

/** On a terminal somebody watches. */
const prettyFlushMs = 50;

// Redacted in case one is logged by accident. Lines of operations have fixed fields, and are not.
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

const redact = {
  paths: secretFields.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
  censor: '[secret]',
};

export async function createLog({ level, pretty, destination }: LogOptions): Promise<Log> {
  const writer = destination ? writeAtOnce(destination) : createStdoutWriter(pretty);
  // Loaded on terminals only.
  const textOf = pretty ? await createPrettyText() : (line: string) => line;
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact,
  };
  const events = pino(options, { write: (line: string) => writer.addUrgent(textOf(line)) });
  const lineOf = createOperationLines();
  const logsOperations = events.isLevelEnabled('info');
  return {
    debug: events.debug.bind(events),
    info: events.info.bind(events),
    warn: events.warn.bind(events),
    error: events.error.bind(events),
    fatal: events.fatal.bind(events),
    operation(operation) {
      if (logsOperations) writer.add(textOf(lineOf(operation, Date.now())));
    },
    droppedLines: writer.dropped,
    flush: writer.flush,
  };
}

/** A writer to standard output, which is flushed at the exit of the process. */
function createStdoutWriter(pretty: boolean): LogWriter {
  const writer = createLogWriter({
    output: createStdoutOutput(),
    setTimer: systemClock.setTimer,
    flushMs: pretty ? prettyFlushMs : flushMs,
  });
  process.on('exit', writer.flushSync);
  return writer;
}

const writeAtOnce = (destination: DestinationStream): LogWriter => ({
  add: (line) => destination.write(line),
  addUrgent: (line) => destination.write(line),
  dropped: () => 0,
  flush: async () => {},
  flushSync: () => {},
});

async function createPrettyText(): Promise<(line: string) => string> {
  const { isColorSupported, prettyFactory } = await import('pino-pretty');
  const textOf = prettyFactory({ colorize: isColorSupported, translateTime: 'SYS:HH:MM:ss' });
  return (line) => textOf(line) ?? '';
}
