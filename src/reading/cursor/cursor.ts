import { crc32 } from 'node:zlib';
import { Failure } from '#src/domain/failure.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { Anchor } from './anchor.ts';
import type { Landmark } from './landmarks.ts';
import { createByteWriter, createByteReader } from './byte-codec.ts';
import type { RowHash } from '#src/reading/pages/row-hash.ts';
import type { Direction } from '#src/reading/pages/page-view.ts';

/**
 * A place in a list as a client holds it: what stood there and around it, in list order. It needs
 * no state of ours, so that it works on every replica and after a restart.
 */
export interface Cursor {
  readonly filter: StatusFilter;
  readonly full: boolean;
  readonly offset: number;
  readonly total: number;
  readonly row: RowHash;
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
const checksumBytes = 4;
/** Behind the checksum, the version and the flags. */
const walkStartAt = checksumBytes + 2;

/** GraphQL's `Int` counts no more. */
const mostRows = 2 ** 31 - 1;

/** At most 192 characters when full, 64 when short, of a list with fewer than two million rows. */
export function encodeCursor(tenant: Tenant, cursor: Cursor): string {
  return sealed(tenant, packed(cursor));
}

function packed(cursor: Cursor): Buffer {
  const packer = createByteWriter();
  const flags =
    filters.indexOf(cursor.filter) +
    (cursor.full ? 4 : 0) +
    (cursor.reachesStart ? 8 : 0) +
    (cursor.reachesEnd ? 16 : 0) +
    (cursor.landmarksOf === 'backward' ? 32 : 0);
  packer.fixed(0, checksumBytes);
  packer.fixed(version, 1);
  packer.fixed(flags, 1);
  packer.fixed(cursor.walkStart, 6);
  packer.varint(cursor.offset);
  packer.varint(cursor.total);
  packer.fixed(cursor.row, 6);
  // Creation times before 1970 do not occur; 0 stands for an unknown one.
  packer.fixed(cursor.createdAtMs === null ? 0 : Math.max(0, cursor.createdAtMs) + 1, 6);
  packer.fixed(cursor.before.length * 16 + cursor.after.length, 1);
  for (const short of cursor.before) packer.fixed(short, 4);
  for (const short of cursor.after) packer.fixed(short, 4);
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
  bytes.writeUIntBE(walkStart, walkStartAt, 6);
  return sealed(tenant, bytes);
}

function sealed(tenant: Tenant, bytes: Buffer): string {
  bytes.writeUInt32BE(checksumOf(tenant, bytes));
  return bytes.toString('base64url');
}

/**
 * By what a cursor is known as whole and its key's own. It keeps out mistakes, not malice: a place in one's own list
 * is no secret, and SHA-256, run in between requests, would take longer than all else about a cursor.
 */
const checksumOf = (tenant: Tenant, bytes: Buffer): number =>
  crc32(bytes.subarray(checksumBytes), crc32(tenant));

export interface CursorScope {
  readonly tenant: Tenant;
  readonly filter: StatusFilter;
  /** The GraphQL argument that it came in. */
  readonly argument: string;
}

/** Reads a cursor back, or fails with BAD_USER_INPUT if it is not one of this key and list. */
export function decodeCursor(text: string, { tenant, filter, argument }: CursorScope): Cursor {
  const wrong = (message: string) => new Failure('bad-input', message, { argument });
  const bytes = Buffer.from(text, 'base64url');
  const genuine =
    bytes.length > checksumBytes &&
    bytes.toString('base64url') === text &&
    checksumOf(tenant, bytes) === bytes.readUInt32BE();
  const cursor = genuine ? unpacked(bytes.subarray(checksumBytes)) : undefined;
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
  const unpacker = createByteReader(content);
  if (unpacker.fixed(1) !== version) return undefined;
  const flags = unpacker.fixed(1);
  const filter = filters[flags % 4];
  if (filter === undefined) return undefined;
  const walkStart = unpacker.fixed(6);
  const offset = unpacker.varint();
  const total = unpacker.varint();
  const row = unpacker.fixed(6);
  const created = unpacker.fixed(6);
  const counts = unpacker.fixed(1);
  const shorts = (count: number) => Array.from({ length: count }, () => unpacker.fixed(4));
  const cursor: Cursor = {
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
  // Whoever has one cursor can make up others.
  const isPlausible = unpacker.isDone() && Math.max(offset, total) <= mostRows;
  return isPlausible ? cursor : undefined;
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
