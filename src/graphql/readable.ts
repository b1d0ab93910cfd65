import { Failure } from '#src/domain/failure.ts';
import { type OrUnreadable, unreadable } from '#src/domain/instance.ts';

/** The value, or an error at the field's own path when EnviaAI sent one that cannot be read. */
export function readable<T>(value: OrUnreadable<T>): T {
  if (value === unreadable) throw new Failure('malformed', 'A field cannot be read');
  return value;
}
