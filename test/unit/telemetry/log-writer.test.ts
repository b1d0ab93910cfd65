import { expect, test } from 'vitest';
import type { LogOutput } from '#src/telemetry/log-output.ts';
import { createLogWriter, maxBufferBytes } from '#src/telemetry/log-writer.ts';
import { createTestClock } from '#test/support/clock.ts';

const flushMs = 250;
const errorOf = (code: string) => Object.assign(new Error(code), { code });

/** A writer to a reader that accepts `room` bytes, then fails with `error`. */
function simulate() {
  const clock = createTestClock(0);
  const received: Buffer[] = [];
  const reader = {
    room: Number.POSITIVE_INFINITY,
    error: errorOf('EAGAIN'),
    writes: 0,
    get text() {
      return Buffer.concat(received).toString();
    },
  };
  const accept = (bytes: Buffer): number => {
    reader.writes += 1;
    const accepted = bytes.subarray(0, reader.room);
    if (accepted.length === 0 && bytes.length > 0) throw reader.error;
    received.push(Buffer.from(accepted));
    reader.room -= accepted.length;
    return accepted.length;
  };
  const output: LogOutput = {
    write(bytes, done) {
      setImmediate(() => {
        let written = 0;
        try {
          written = accept(bytes);
        } catch (error) {
          return done(error as Error, 0);
        }
        done(null, written);
      });
    },
    writeSync: accept,
  };
  const writer = createLogWriter({ output, setTimer: clock.setTimer, flushMs });
  return {
    reader,
    writer,
    advance: async (ms: number) => {
      clock.advance(ms);
      for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
    },
  };
}

const fill = (add: (line: string) => void, lines: number) => {
  for (let at = 0; at < lines; at += 1) add(`${'x'.repeat(999)}\n`);
};

const maxLines = Math.floor(maxBufferBytes / 1000);

test('lines are written together, when the flush time has passed', async () => {
  const { reader, writer, advance } = simulate();
  writer.add('a\n');
  writer.add('b\n');
  await advance(flushMs - 1);
  expect(reader.writes).toBe(0);
  await advance(1);
  expect(reader).toMatchObject({ text: 'a\nb\n', writes: 1 });
});

test('many lines are written before the flush time', async () => {
  const { reader, writer, advance } = simulate();
  fill(writer.add, 40);
  await advance(0);
  expect(reader.text.length).toBeGreaterThan(30_000);
});

test('an urgent line is written at once, after the lines before it', async () => {
  const { reader, writer, advance } = simulate();
  writer.add('a\n');
  writer.addUrgent('b\n');
  await advance(0);
  expect(reader.text).toBe('a\nb\n');
});

test('while the reader accepts nothing, memory is limited and further lines are counted', async () => {
  const { reader, writer, advance } = simulate();
  reader.room = 0;
  fill(writer.add, 10 * maxLines);
  await advance(60_000);
  const kept = 10 * maxLines - writer.dropped();
  expect(kept * 1000).toBeLessThanOrEqual(maxBufferBytes);
  expect(kept).toBeGreaterThan(maxLines / 2);

  reader.room = Number.POSITIVE_INFINITY;
  await advance(1000);
  await advance(1000);
  expect(reader.text.split('\n')).toHaveLength(kept + 1);
  writer.addUrgent('later\n');
  await advance(0);
  expect(reader.text.endsWith('x\nlater\n')).toBe(true);
});

test('lines of operations leave a reserve for errors, which is limited too', async () => {
  const { reader, writer, advance } = simulate();
  reader.room = 0;
  fill(writer.add, 2 * maxLines);
  const dropped = writer.dropped();
  writer.addUrgent('fatal\n');
  expect(writer.dropped()).toBe(dropped);
  fill(writer.addUrgent, maxLines);
  expect(writer.dropped()).toBeGreaterThan(dropped);
  reader.room = Number.POSITIVE_INFINITY;
  await advance(0);
  await advance(1000);
  expect(reader.text).toContain('fatal\n');
});

test('a reader that accepts a few bytes at a time gets each line once, in order', async () => {
  const { reader, writer, advance } = simulate();
  const lines = Array.from({ length: 50 }, (_, at) => `line ${at} é\n`);
  for (const line of lines) writer.add(line);
  reader.room = 0;
  await advance(flushMs);
  for (let turn = 0; turn < 500; turn += 1) {
    reader.room += 7;
    await advance(100);
  }
  expect(reader.text).toBe(lines.join(''));
  expect(writer.dropped()).toBe(0);
});

test.each(['EPIPE', 'ENOSPC', 'EIO', 'EBADF'])(
  'after %s the lines of the write are counted as dropped, and later ones are written',
  async (code) => {
    const { reader, writer, advance } = simulate();
    reader.error = errorOf(code);
    reader.room = 6;
    for (const line of ['one\n', 'two\n', 'three\n']) writer.add(line);
    await advance(flushMs);
    expect(writer.dropped()).toBe(2);
    reader.room = 1000;
    writer.add('four\n');
    await advance(flushMs);
    expect(reader.text).toBe('one\ntw\nfour\n');
    expect(writer.dropped()).toBe(2);
  },
);

test('a flush waits until everything is written, and no longer than its limit', async () => {
  const { reader, writer, advance } = simulate();
  writer.add('a\n');
  const written = writer.flush(300);
  await advance(0);
  await written;
  expect(reader.text).toBe('a\n');

  reader.room = 0;
  writer.add('b\n');
  let isSettled = false;
  const flushed = writer.flush(300).then(() => (isSettled = true));
  await advance(299);
  expect(isSettled).toBe(false);
  await advance(1);
  await flushed;
});

test('at the exit, the lines are written at once, as far as the reader accepts them', () => {
  const { reader, writer } = simulate();
  reader.room = 7;
  for (const line of ['one\n', 'two\n', 'three\n']) writer.add(line);
  writer.flushSync();
  expect(reader.text).toBe('one\ntwo');
  expect(writer.dropped()).toBe(2);
  writer.flushSync();
  expect(writer.dropped()).toBe(2);
});
