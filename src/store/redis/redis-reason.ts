import {
  connectionReasonOf,
  connectionReasons,
  type ConnectionReason,
} from '#src/domain/connection-reason.ts';

/** Error codes at the beginning of Redis's replies. A script's error can be within the message. */
const reasonByReply = new Map([
  ['WRONGPASS', 'wrong-password'],
  ['NOAUTH', 'no-password'],
  ['NOPERM', 'no-permission'],
  ['MOVED', 'cluster'],
  ['ASK', 'cluster'],
  ['CROSSSLOT', 'cluster'],
  ['CLUSTERDOWN', 'cluster'],
  ['READONLY', 'read-only'],
  ['MASTERDOWN', 'read-only'],
  ['LOADING', 'loading'],
  ['OOM', 'out-of-memory'],
  ['MISCONF', 'cannot-save'],
  ['BUSY', 'busy'],
  ['DENIED', 'protected-mode'],
  ['WRONGTYPE', 'wrong-type'],
] as const);

type ReplyReason = typeof reasonByReply extends Map<string, infer R> ? R : never;

/** Why Redis did not execute a command: a closed set, without an address or a part of a reply. */
export type RedisReason = ConnectionReason | ReplyReason | 'not-redis' | 'error-reply';

export const redisReasons: readonly RedisReason[] = [
  ...new Set<RedisReason>([
    ...connectionReasons,
    ...reasonByReply.values(),
    'not-redis',
    'error-reply',
  ]),
];

/** Redis accepted the connection, and did not reply in time. */
export class ReplyTimeout extends Error {
  override readonly name = 'TimeoutError';
}

/**
 * The reason for an error of ioredis. Null: it only says that there is no connection, and an
 * earlier error has said why.
 */
export function redisReasonOf(error: unknown): RedisReason | null {
  if (!(error instanceof Error)) return 'other';
  switch (error.name) {
    case 'ReplyError':
      return replyReasonOf(error.message);
    case 'ParserError':
      return 'not-redis';
    case 'MaxRetriesPerRequestError':
    case 'AbortError':
      return null;
    case 'ClusterAllFailedError':
      return 'lastNodeError' in error ? redisReasonOf(error.lastNodeError) : null;
    default: {
      const reason = connectionReasonOf(error);
      return reason === 'other' && isNotConnected(error) ? null : reason;
    }
  }
}

function replyReasonOf(message: string): RedisReason {
  for (const [word] of message.matchAll(/\b[A-Z]{3,}\b/g)) {
    for (const [code, reason] of reasonByReply) if (code === word) return reason;
  }
  return 'error-reply';
}

/** The message of a command without a cluster. */
export const notReady = 'The cluster is not ready';

/** ioredis gives these errors neither a code nor a name. */
const isNotConnected = ({ message }: Error): boolean =>
  message === 'Connection is closed.' ||
  message.startsWith("Stream isn't writeable") ||
  message === notReady;
