import { expect, test } from 'vitest';
import { blocksFor } from '#test/support/docs/blocks.ts';
import { line, startWatched } from '#test/support/live/watched-server.ts';

test.each(blocksFor('subscription'))(
  'the subscription at $place sends a code, and ends when it is scanned',
  async ({ code }) => {
    const server = await startWatched();
    await server.connect();
    const stream = await server.open(code);
    await expect.poll(() => stream.results()).toHaveLength(1);
    const { image } = stream.results()[0].data.instanceQrCode;
    expect(image).toMatch(/^data:image\/png;base64,/);

    server.control.scan({ key: 'test', id: line });
    await server.pass(3500);
    await stream.ended;
    expect(stream.results().at(-1).data.instanceQrCode.outcome).toBe('LINKED');
  },
);

test.each(blocksFor('event'))(
  'the event at $place is the last one of its subscription',
  async ({ code, previous }) => {
    const server = await startWatched();
    await server.connect();
    const stream = await server.open(previous?.code ?? '');
    await expect.poll(() => stream.results()).toHaveLength(1);
    server.control.scan({ key: 'test', id: line });
    await server.pass(3500);
    await stream.ended;
    expect(stream.results().at(-1)).toEqual(JSON.parse(code));
  },
);
