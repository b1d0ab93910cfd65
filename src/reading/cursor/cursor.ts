import { crc32 } from 'node:zlib';
import { Failure } from '#src/domain/failure.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { Direction } from '#src/reading/pages/page-view.ts';
import type { RowHash } from '#src/reading/pages/row-hash.ts';
import type { Anchor } from './anchor.ts';
import { createByteReader, createByteWriter } from './byte-codec.ts';
import type { Landmark } from './landmarks.ts';

/**
 * A place in a list as a client stores it: the row there and the rows around it, in list order. The
 * server keeps no state for it, so a cursor works on every replica and after a restart.
 */
export interface Cursor {
  readonly filter: StatusFilter;
  readonly full: boolean;
  readonly offset: number;
  readonly total: number;
  readonly row: RowHash;
  /** Null: unknown, or the place cannot be found by it. */
  readonly createdAtMs: number | null;
  /** When the pages of the walk's first response were requested, by the wall clock. */
  readonly walkStart: number;
  /** Short hashes of the rows before and after it: 8 in a full cursor, 2 in a short one. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly reachesStart: boolean;
  readonly reachesEnd: boolean;
  readonly landmarks: readonly Landmark[];
  /** The direction in which the landmarks were delivered. */
  readonly landmarksOf: Direction;
}

const filters: readonly StatusFilter[] = ['all', 'connected', 'disconnected', 'connecting'];
const version = 2;
const checksumBytes = 4;
/** Follows the checksum, the version and the flags. */
const walkStartAt = checksumBytes + 2;

/** The largest `Int` of GraphQL. */
const maxRows = 2 ** 31 - 1;

/**
 * At most 192 characters for a full cursor and 64 for a short one, in a list of up to two million
 * rows.
 */
export function encodeCursor(tenant: Tenant, cursor: Cursor): string {
  return withChecksum(tenant, bytesOf(cursor));
}

function bytesOf(cursor: Cursor): Buffer {
  const writer = createByteWriter();
  const flags =
    filters.indexOf(cursor.filter) +
    (cursor.full ? 4 : 0) +
    (cursor.reachesStart ? 8 : 0) +
    (cursor.reachesEnd ? 16 : 0) +
    (cursor.landmarksOf === 'backward' ? 32 : 0);
  writer.fixed(0, checksumBytes);
  writer.fixed(version, 1);
  writer.fixed(flags, 1);
  writer.fixed(cursor.walkStart, 6);
  writer.varint(cursor.offset);
  writer.varint(cursor.total);
  writer.fixed(cursor.row, 6);
  // 0 means that the creation time is unknown; times before 1970 do not occur.
  writer.fixed(cursor.createdAtMs === null ? 0 : Math.max(0, cursor.createdAtMs) + 1, 6);
  writer.fixed(cursor.before.length * 16 + cursor.after.length, 1);
  for (const shortHash of cursor.before) writer.fixed(shortHash, 4);
  for (const shortHash of cursor.after) writer.fixed(shortHash, 4);
  writer.fixed(cursor.landmarks.length, 1);
  for (const { shortHash, distance } of cursor.landmarks) {
    writer.fixed(shortHash, 4);
    writer.varint(distance);
  }
  return writer.finish();
}

/** The same cursor with another start of its walk; it has the same length. */
export function withWalkStart(tenant: Tenant, text: string, walkStart: number): string {
  const bytes = Buffer.from(text, 'base64url');
  bytes.writeUIntBE(walkStart, walkStartAt, 6);
  return withChecksum(tenant, bytes);
}

function withChecksum(tenant: Tenant, bytes: Buffer): string {
  bytes.writeUInt32BE(checksumOf(tenant, bytes));
  return bytes.toString('base64url');
}

/**
 * Detects a cursor that was altered or belongs to another key. CRC-32 detects mistakes, not malice:
 * a forged cursor names a place in the caller's own list, which is no secret. SHA-256 would cost
 * more than the rest of a cursor.
 */
const checksumOf = (tenant: Tenant, bytes: Buffer): number =>
  crc32(bytes.subarray(checksumBytes), crc32(tenant));

/** Where a cursor is used: a cursor works for one key and one list. */
export interface CursorScope {
  readonly tenant: Tenant;
  readonly filter: StatusFilter;
  /** The GraphQL argument with the cursor. */
  readonly argument: string;
}

/**
 * Reads a cursor, or throws a `bad-input` failure for one that does not belong to this key and
 * list.
 */
export function decodeCursor(text: string, { tenant, filter, argument }: CursorScope): Cursor {
  const wrong = (message: string) => new Failure('bad-input', message, { argument });
  const bytes = Buffer.from(text, 'base64url');
  const isUnaltered =
    bytes.length > checksumBytes &&
    bytes.toString('base64url') === text &&
    checksumOf(tenant, bytes) === bytes.readUInt32BE();
  const cursor = isUnaltered ? cursorOf(bytes.subarray(checksumBytes)) : undefined;
  if (!cursor) {
    throw wrong(
      `\`${argument}\` is not a cursor of this list and API key: pass one from \`pageInfo\` or an edge, unchanged.`,
    );
  }
  if (cursor.filter !== filter) {
    throw wrong(
      `\`${argument}\` belongs to a list with another \`status\`: start that list without a cursor.`,
    );
  }
  return cursor;
}

function cursorOf(bytes: Buffer): Cursor | undefined {
  const reader = createByteReader(bytes);
  if (reader.fixed(1) !== version) return undefined;
  const flags = reader.fixed(1);
  const filter = filters[flags % 4];
  if (filter === undefined) return undefined;
  const walkStart = reader.fixed(6);
  const offset = reader.varint();
  const total = reader.varint();
  const row = reader.fixed(6);
  const created = reader.fixed(6);
  const counts = reader.fixed(1);
  const shortHashes = (count: number) => Array.from({ length: count }, () => reader.fixed(4));
  const cursor: Cursor = {
    filter,
    full: (flags & 4) > 0,
    offset,
    total,
    row,
    createdAtMs: created === 0 ? null : created - 1,
    walkStart,
    before: shortHashes(counts >> 4),
    after: shortHashes(counts % 16),
    reachesStart: (flags & 8) > 0,
    reachesEnd: (flags & 16) > 0,
    landmarks: Array.from({ length: reader.fixed(1) }, () => ({
      shortHash: reader.fixed(4),
      distance: reader.varint(),
    })),
    landmarksOf: (flags & 32) > 0 ? 'backward' : 'forward',
  };
  // A client that has one cursor can forge others.
  const isPlausible = reader.isAtEnd() && Math.max(offset, total) <= maxRows;
  return isPlausible ? cursor : undefined;
}

/** The place that a cursor names, for reading in this direction. */
export function anchorOf(cursor: Cursor, direction: Direction): Anchor {
  const { row, offset, total, createdAtMs, landmarks, landmarksOf } = cursor;
  const isForward = direction === 'forward';
  return {
    row,
    behind: isForward ? cursor.before.toReversed() : cursor.after,
    ahead: isForward ? cursor.after : cursor.before.toReversed(),
    behindReachesStart: isForward ? cursor.reachesStart : cursor.reachesEnd,
    landmarks: landmarksOf === direction ? landmarks.map(({ shortHash }) => shortHash) : [],
    offset,
    total,
    createdAtMs,
  };
}
