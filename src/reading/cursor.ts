import { hash } from 'node:crypto';
import { Failure } from '#src/domain/failure.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { Anchor } from './anchor.ts';
import type { Landmark } from './landmarks.ts';
import { createPacker, createUnpacker } from './packing.ts';
import type { Print } from './print.ts';
import type { Direction } from './view.ts';

/**
 * A place in a list as a client holds it: what stood there and around it, in list order. It needs
 * no state of ours, so that it works on every replica and after a restart.
 */
export interface Cursor {
  readonly filter: StatusFilter;
  readonly full: boolean;
  readonly offset: number;
  readonly total: number;
  readonly row: Print;
  /** Null: unknown, or nothing to find the place by. */
  readonly createdAtMs: number | null;
  /** When the walk's first answer was asked for. */
  readonly walkStart: number;
  /** Short prints of the rows before and after it: 8 in a full cursor, 2 in a short one. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly reachesStart: boolean;
  readonly reachesEnd: boolean;
  readonly landmarks: readonly Landmark[];
  /** For which direction the landmarks were delivered rows. */
  readonly landmarksOf: Direction;
}

const filters: readonly StatusFilter[] = ['all', 'connected', 'disconnected', 'connecting'];
const version = 1;
const digestBytes = 8;

/** At most 198 characters when full, 68 when short. */
export function encodeCursor(tenant: Tenant, cursor: Cursor): string {
  const content = packed(cursor);
  return Buffer.concat([digestOf(tenant, content), content]).toString('base64url');
}

function packed(cursor: Cursor): Buffer {
  const packer = createPacker();
  const flags =
    filters.indexOf(cursor.filter) +
    (cursor.full ? 4 : 0) +
    (cursor.reachesStart ? 8 : 0) +
    (cursor.reachesEnd ? 16 : 0) +
    (cursor.landmarksOf === 'backward' ? 32 : 0);
  packer.fixed(version, 1);
  packer.fixed(flags, 1);
  packer.varint(cursor.offset);
  packer.varint(cursor.total);
  packer.fixed(cursor.row, 6);
  // Creation times before 1970 do not occur; 0 stands for an unknown one.
  packer.fixed(cursor.createdAtMs === null ? 0 : Math.max(0, cursor.createdAtMs) + 1, 6);
  packer.fixed(cursor.walkStart, 6);
  packer.fixed(cursor.before.length * 16 + cursor.after.length, 1);
  for (const short of [...cursor.before, ...cursor.after]) packer.fixed(short, 4);
  packer.fixed(cursor.landmarks.length, 1);
  for (const { short, distance } of cursor.landmarks) {
    packer.fixed(short, 4);
    packer.varint(distance);
  }
  return packer.done();
}

/** The same place, for a walk that begins later. */
export function withWalkStart(tenant: Tenant, text: string, walkStart: number): string {
  const bytes = Buffer.from(text, 'base64url');
  const content = bytes.subarray(digestBytes);
  content.writeUIntBE(walkStart, walkStartAt(content), 6);
  bytes.set(digestOf(tenant, content));
  return bytes.toString('base64url');
}

/** Where in a cursor the walk's start is written. */
function walkStartAt(content: Buffer): number {
  const unpacker = createUnpacker(content);
  // Version, flags, offset, total, row, creation time.
  unpacker.fixed(2);
  unpacker.varint();
  unpacker.varint();
  unpacker.fixed(12);
  return unpacker.at();
}

/** What the cursor is checked by: altered, or another key's, it has another digest. */
const digestOf = (tenant: Tenant, content: Buffer): Buffer =>
  hash('sha256', Buffer.concat([Buffer.from(tenant), content]), 'buffer').subarray(0, digestBytes);

export interface CursorOwner {
  readonly tenant: Tenant;
  readonly filter: StatusFilter;
  /** The GraphQL argument that it came in. */
  readonly argument: string;
}

/** Reads a cursor back, or fails with BAD_USER_INPUT if it is not one of this key and list. */
export function decodeCursor(text: string, { tenant, filter, argument }: CursorOwner): Cursor {
  const wrong = (message: string) => new Failure('bad-input', message, { argument });
  const bytes = Buffer.from(text, 'base64url');
  const content = bytes.subarray(digestBytes);
  const genuine =
    text.length > 0 &&
    bytes.toString('base64url') === text &&
    digestOf(tenant, content).equals(bytes.subarray(0, digestBytes));
  const cursor = genuine ? unpacked(content) : undefined;
  if (!cursor) {
    throw wrong(
      `\`${argument}\` is not a cursor of this list and API key: take it from \`pageInfo\` or an edge, unchanged.`,
    );
  }
  if (cursor.filter !== filter) {
    throw wrong(`\`${argument}\` belongs to a list with another \`status\`: start that list anew.`);
  }
  return cursor;
}

function unpacked(content: Buffer): Cursor | undefined {
  const unpacker = createUnpacker(content);
  if (unpacker.fixed(1) !== version) return undefined;
  const flags = unpacker.fixed(1);
  const filter = filters[flags % 4];
  if (filter === undefined) return undefined;
  const offset = unpacker.varint();
  const total = unpacker.varint();
  const row = unpacker.fixed(6);
  const created = unpacker.fixed(6);
  const walkStart = unpacker.fixed(6);
  const counts = unpacker.fixed(1);
  const shorts = (count: number) => Array.from({ length: count }, () => unpacker.fixed(4));
  return {
    filter,
    full: (flags & 4) > 0,
    offset,
    total,
    row,
    createdAtMs: created === 0 ? null : created - 1,
    walkStart,
    before: shorts(counts >> 4),
    after: shorts(counts % 16),
    reachesStart: (flags & 8) > 0,
    reachesEnd: (flags & 16) > 0,
    landmarks: Array.from({ length: unpacker.fixed(1) }, () => ({
      short: unpacker.fixed(4),
      distance: unpacker.varint(),
    })),
    landmarksOf: (flags & 32) > 0 ? 'backward' : 'forward',
  };
}

/** The place that the cursor names, for a reader going in this direction. */
export function anchorOf(cursor: Cursor, direction: Direction): Anchor {
  const { row, offset, total, createdAtMs, landmarks, landmarksOf } = cursor;
  const forward = direction === 'forward';
  return {
    row,
    behind: forward ? cursor.before.toReversed() : cursor.after,
    ahead: forward ? cursor.after : cursor.before.toReversed(),
    behindReachesStart: forward ? cursor.reachesStart : cursor.reachesEnd,
    landmarks: landmarksOf === direction ? landmarks.map(({ short }) => short) : [],
    offset,
    total,
    createdAtMs,
  };
}
