import { expect, test } from 'vitest';
import { unreadable } from '#src/domain/instance.ts';
import type { Write } from '#src/domain/write.ts';
import { decodeWrite, encodeWrite } from '#src/reading/written/write-codec.ts';

const instance = {
  id: 'inst_1',
  name: 'Sales',
  phone: null,
  status: 'disconnected',
  profileName: null,
  profilePicUrl: unreadable,
  createdAt: '2026-01-01T10:00:00.000Z',
  lastSeenAt: unreadable,
  webhookUrl: 'https://example.com/',
  webhookEvents: ['message.received'],
  settings: { autoRead: true, autoTyping: false },
} as const;

test.each<Write>([
  { kind: 'create', row: { key: 'inst_1', instance } },
  { kind: 'create', row: null },
  { kind: 'update', id: 'inst_1', fields: { name: 'New', webhookUrl: null } },
  { kind: 'update', id: 'inst_1', fields: {}, tookMs: 12.5 },
  { kind: 'status', id: 'inst_1', fields: null },
  { kind: 'event', id: 'inst_1', fields: {} },
])('a write is the same at another replica: %j', (write) => {
  expect(decodeWrite(encodeWrite(write))).toEqual(write);
});

test.each(['', 'null', '{}', '{"kind":"delete","id":"a"}', '{"kind":"update","id":1}'])(
  'a write of another release is ignored: %s',
  (text) => {
    expect(decodeWrite(text)).toBeNull();
  },
);
