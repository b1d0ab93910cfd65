import type { Caller } from '#src/domain/caller.ts';
import { Failure } from '#src/domain/failure.ts';

/** The budget refused the call: a refusal by EnviaAI has a status. */
export const isDenied = (failure: unknown): boolean =>
  failure instanceof Failure && failure.kind === 'rate-limited' && failure.status === undefined;

/** Callers with one key have separate fair shares and addresses. */
export const isForCallerOnly = (failure: unknown, caller: Caller | undefined): boolean =>
  failure instanceof Failure &&
  (failure.kind === 'too-many-keys' || (isDenied(failure) && caller?.kind === 'sharer'));
