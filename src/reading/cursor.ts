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
const version = 2;
const digestBytes = 8;
const walkStartBytes = 6;

/** Before the content: the digest of it, sealed with the walk's start, and that start. */
const headBytes = digestBytes + walkStartBytes;

/** At most 198 characters when full, 68 when short. */
export function encodeCursor(tenant: Tenant, cursor: Cursor): string {
  const content = packed(cursor);
  const head = Buffer.alloc(headBytes);
  digestOf(tenant, content).copy(head);
  seal(head, cursor.walkStart);
  return Buffer.concat([head, content]).toString('base64url');
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
  packer.fixed(cursor.before.length * 16 + cursor.after.length, 1);
  for (const short of [...cursor.before, ...cursor.after]) packer.fixed(short, 4);
  packer.fixed(cursor.landmarks.length, 1);
  for (const { short, distance } of cursor.landmarks) {
    packer.fixed(short, 4);
    packer.varint(distance);
  }
  return packer.done();
}

/** The same place, for a walk that begins later. Without a digest: answers that are served again have it done each time. */
export function withWalkStart(text: string, walkStart: number): string {
  const bytes = Buffer.from(text, 'base64url');
  seal(bytes, walkStartIn(bytes));
  seal(bytes, walkStart);
  return bytes.toString('base64url');
}

const walkStartIn = (bytes: Buffer): number => bytes.readUIntBE(digestBytes, walkStartBytes);

/** Writes the walk's start, and changes the digest by it: done twice with the same, it changes nothing. */
function seal(bytes: Buffer, walkStart: number): void {
  bytes.writeUIntBE(walkStart, digestBytes, walkStartBytes);
  for (let at = 0; at < walkStartBytes; at += 1) {
    bytes[at] = (bytes[at] ?? 0) ^ (bytes[digestBytes + at] ?? 0);
  }
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
  const cursor = bytes.toString('base64url') === text ? opened(tenant, bytes) : undefined;
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

function opened(tenant: Tenant, bytes: Buffer): Cursor | undefined {
  if (bytes.length < headBytes) return undefined;
  const content = bytes.subarray(headBytes);
  const walkStart = walkStartIn(bytes);
  seal(bytes, walkStart);
  const genuine = digestOf(tenant, content).equals(bytes.subarray(0, digestBytes));
  return genuine ? unpacked(content, walkStart) : undefined;
}

function unpacked(content: Buffer, walkStart: number): Cursor | undefined {
  const unpacker = createUnpacker(content);
  if (unpacker.fixed(1) !== version) return undefined;
  const flags = unpacker.fixed(1);
  const filter = filters[flags % 4];
  if (filter === undefined) return undefined;
  const offset = unpacker.varint();
  const total = unpacker.varint();
  const row = unpacker.fixed(6);
  const created = unpacker.fixed(6);
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
