import { expect, test } from 'vitest';
import type { InstanceStatus } from '#src/domain/instance.ts';
import { createKnownRows } from '#src/reading/live/rows/known-rows.ts';
import { rowOf } from '#test/support/reading/world.ts';

const id = 'inst_a';
const row = (status: InstanceStatus) =>
  rowOf({ id, status, createdAt: '2026-01-01T00:00:00.000Z' });
const none = new Set<string>();

const create = (created: string[] = []) =>
  createKnownRows({
    now: () => 1000,
    isCreatedLately: (each) => created.includes(each),
    onChanged: () => {},
  });

test('a response never replaces a row of a later one', () => {
  const rows = create();
  rows.note(row('connected'), 20);
  rows.note(row('disconnected'), 10);
  expect(rows.get(id)?.instance?.status).toBe('connected');
});

test('a response never brings back a row that a later one has proved to be gone', () => {
  const rows = create();
  rows.note(row('connected'), 10);
  rows.remove(id, 20);
  rows.note(row('connected'), 15);
  expect(rows.size()).toBe(0);
  rows.note(row('connected'), 21);
  expect(rows.size()).toBe(1);
});

test('a page proves nothing of a row that a later response has', () => {
  const rows = create();
  rows.note(row('connected'), 20);
  rows.noteWhole(none, 10);
  rows.remove(id, 10);
  expect(rows.size()).toBe(1);
  rows.noteWhole(none, 30);
  expect(rows.size()).toBe(0);
});

test('one scan without a row is no proof, nor are two with a sighting between them', () => {
  const rows = create();
  rows.note(row('connected'), 10);
  rows.noteScan(none, 20);
  rows.note(row('connected'), 25);
  rows.noteScan(none, 30);
  expect(rows.size()).toBe(1);
  rows.noteScan(none, 40);
  expect(rows.size()).toBe(0);
});

test('no page has to show a row that was created lately', () => {
  const rows = create([id]);
  rows.note(row('connected'), 10);
  rows.noteWhole(none, 20);
  rows.noteScan(none, 30);
  rows.noteScan(none, 40);
  expect(rows.size()).toBe(1);
});
