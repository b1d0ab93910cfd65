import { Failure } from '#src/domain/failure.ts';
import { type OrUnreadable, unreadable } from '#src/domain/instance.ts';

/**
 * Returns the value. Throws at the path of the field if EnviaAI sent a value that cannot be read.
 */
export function readable<T>(value: OrUnreadable<T>): T {
  if (value === unreadable) throw new Failure('malformed', 'A field cannot be read');
  return value;
}
