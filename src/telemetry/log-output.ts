import { constants, fstatSync, openSync, write, writeSync } from 'node:fs';
import process from 'node:process';
import { isatty } from 'node:tty';

/** Where log lines go. No method waits for a reader. */
export interface LogOutput {
  /** Writes a part of the bytes. Reports EAGAIN if the reader has no room for any. */
  readonly write: (bytes: Buffer, done: (error: Error | null, written: number) => void) => void;
  /** The same at once, for the exit of the process. Throws the error. */
  readonly writeSync: (bytes: Buffer) => number;
}

const stdoutFd = 1;

export function createStdoutOutput(): LogOutput {
  const fd = nonBlockingStdout();
  return {
    write: (bytes, done) => write(fd, bytes, 0, bytes.length, null, done),
    writeSync: (bytes) => writeSync(fd, bytes),
  };
}

/**
 * A descriptor of standard output that does not block. A write that blocks would keep the process
 * from exiting: Node waits for its threads.
 */
function nonBlockingStdout(): number {
  if (isatty(stdoutFd) || fstatSync(stdoutFd).isFIFO()) {
    try {
      // Opened again, because others that have the same file open may set it to blocking.
      const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
      return openSync(`/dev/fd/${stdoutFd}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
    } catch {
      // Not permitted if the terminal or pipe belongs to another user.
    }
  }
  // Node sets a pipe or a socket to non-blocking when it creates `process.stdout`.
  void process.stdout;
  return stdoutFd;
}
