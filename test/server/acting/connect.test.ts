import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { start } from '#test/support/start.ts';

const key = 'test';
const id = 'inst_ghi789';

const connect = /* GraphQL */ `
  mutation ($id: ID!) {
    connectInstance(id: $id) {
      qrCode {
        image
        expiresAt
        status
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`;

test('while a code is valid, every connect gets it, for one call', async () => {
  const clock = createTestClock();
  const server = await start({ clock });
  const first = await server.query(connect, { id });
  expect(first.data.connectInstance.qrCode).toMatchObject({ status: 'QR_PENDING' });
  expect(first.data.connectInstance.qrCode.image).toMatch(/^data:image\/png;base64,/);
  clock.advance(30_000);
  const others = await Promise.all([1, 2, 3].map(() => server.query(connect, { id })));
  for (const { data } of others) expect(data).toEqual(first.data);
  expect(server.calls()).toEqual([`POST /instances/${id}/connect`]);

  clock.advance(31_000);
  const next = await server.query(connect, { id });
  expect(next.data.connectInstance.qrCode.image).not.toBe(first.data.connectInstance.qrCode.image);
  expect(server.calls()).toHaveLength(2);
});

test('a code is not given for longer than three minutes, whatever EnviaAI says of its expiry', async () => {
  const clock = createTestClock();
  const server = await start({ clock });
  server.sandbox.control.qr({ key, firstMs: 3_600_000 });
  await server.query(connect, { id });
  clock.advance(179_000);
  await server.query(connect, { id });
  expect(server.calls()).toHaveLength(1);
  clock.advance(1000);
  await server.query(connect, { id });
  expect(server.calls()).toHaveLength(2);
});

test.each([
  ['NOT_FOUND', 'inst_none', () => {}],
  [
    'OFFICIAL_API_INSTANCE',
    id,
    ({ sandbox }: Awaited<ReturnType<typeof start>>) =>
      sandbox.control.official({ key, id, on: true }),
  ],
])('a refusal that the caller can mend is a user error: %s', async (code, line, prepare) => {
  const server = await start();
  prepare(server);
  const { data, errors } = await server.query(connect, { id: line });
  expect(errors).toBeUndefined();
  expect(data.connectInstance).toMatchObject({ qrCode: null, userErrors: [{ code }] });
  expect(server.calls()).toHaveLength(1);
});
