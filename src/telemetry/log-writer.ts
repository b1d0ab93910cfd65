import type { SetTimer } from '#src/domain/clock.ts';
import type { LogOutput } from './log-output.ts';

/** Buffers log lines and writes them without blocking. Drops lines while its buffer is full. */
export interface LogWriter {
  /** Adds a line that is written with others, at most {@link LogWriterOptions.flushMs} later. */
  readonly add: (line: string) => void;
  /** Adds a line that is written as soon as possible. It may use the reserve of the buffer. */
  readonly addUrgent: (line: string) => void;
  /** Number of lines that were not written, or not completely. */
  readonly dropped: () => number;
  /** Resolves when the buffer is empty, or after `maxMs`. */
  readonly flush: (maxMs: number) => Promise<void>;
  /** Writes what the output accepts at once, and drops the rest. For the exit of the process. */
  readonly flushSync: () => void;
}

export interface LogWriterOptions {
  readonly output: LogOutput;
  readonly setTimer: SetTimer;
  readonly flushMs: number;
}

/** Upper bound on all lines in memory. A line of an operation has about 300 bytes. */
export const maxBufferBytes = 512 * 1024;

/** A part of the buffer for urgent lines, so that errors are logged when operations fill it. */
const reserveBytes = maxBufferBytes / 8;

/** Lines are written early if there are this many bytes. */
const writeBytes = 32 * 1024;

/** While the output accepts nothing, the delay between attempts doubles from 5 to 80 ms. */
const minRetryMs = 5;
const maxRetryMs = 80;

/** The lines of one write, and of its continuations. */
interface Chunk {
  bytes: Buffer;
  lines: number;
}

const newline = 10;

export function createLogWriter({ output, setTimer, flushMs }: LogWriterOptions): LogWriter {
  let lines: string[] = [];
  let lineBytes = 0;
  let chunk: Chunk | null = null;
  let isWriting = false;
  let isFlushWanted = false;
  let endsInLine = false;
  let retryMs = minRetryMs;
  let dropped = 0;
  let cancelTimer: (() => void) | null = null;
  let waiting: (() => void)[] = [];

  const takeLines = (): Chunk => {
    // The last write broke off within a line.
    if (endsInLine) lines.unshift('\n');
    const taken = { bytes: Buffer.from(lines.join('')), lines: lines.length };
    if (endsInLine) taken.lines -= 1;
    endsInLine = false;
    lines = [];
    lineBytes = 0;
    return taken;
  };
  const advance = (current: Chunk, written: number) => {
    if (written > 0) endsInLine = current.bytes[written - 1] !== newline;
    current.bytes = current.bytes.subarray(written);
    if (current.bytes.length === 0) chunk = null;
  };
  const drop = (current: Chunk) => {
    dropped += Math.min(current.lines, newlinesIn(current.bytes));
    chunk = null;
  };

  const startWriting = () => {
    cancelTimer?.();
    cancelTimer = null;
    if (chunk) isFlushWanted = true;
    else if (lines.length > 0) {
      chunk = takeLines();
      writeOnce(chunk);
    }
  };
  const writeOnce = (current: Chunk) => {
    isWriting = true;
    output.write(current.bytes, (error, written) => {
      isWriting = false;
      if (error && isFull(error)) {
        setTimer(retryMs, () => writeOnce(current));
        retryMs = Math.min(retryMs * 2, maxRetryMs);
        return;
      }
      retryMs = minRetryMs;
      if (error) drop(current);
      else advance(current, written);
      if (chunk) writeOnce(current);
      else finishChunk();
    });
  };
  const finishChunk = () => {
    if (isFlushWanted || waiting.length > 0 || lineBytes >= writeBytes) {
      isFlushWanted = false;
      startWriting();
    }
    if (chunk || lines.length > 0) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  };

  const push = (line: string, limit: number): boolean => {
    const size = Buffer.byteLength(line);
    if (lineBytes + (chunk?.bytes.length ?? 0) + size > limit) {
      dropped += 1;
      return false;
    }
    lines.push(line);
    lineBytes += size;
    return true;
  };

  return {
    add(line) {
      if (!push(line, maxBufferBytes - reserveBytes)) return;
      if (lineBytes >= writeBytes) startWriting();
      else cancelTimer ??= setTimer(flushMs, startWriting);
    },
    addUrgent(line) {
      if (push(line, maxBufferBytes)) startWriting();
    },
    dropped: () => dropped,
    flush(maxMs) {
      startWriting();
      if (!chunk) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      const cancel = setTimer(maxMs, resolve);
      return promise.finally(cancel);
    },
    flushSync() {
      // The outcome of a write in progress is not known: its lines would be written twice.
      if (isWriting) chunk = null;
      try {
        while (chunk || lines.length > 0) {
          chunk ??= takeLines();
          advance(chunk, output.writeSync(chunk.bytes));
        }
      } catch {
        if (chunk) drop(chunk);
        dropped += lines.length;
        lines = [];
      }
    },
  };
}

/** The reader has no room now. Every other error drops the lines. */
const isFull = (error: Error): boolean => 'code' in error && error.code === 'EAGAIN';

function newlinesIn(bytes: Buffer): number {
  let count = 0;
  for (const byte of bytes) if (byte === newline) count += 1;
  return count;
}
