/**
 * What an aborted call rejects with: the signal's reason, or an `AbortError` on platforms whose
 * signals have none, such as React Native. There, signals have no `throwIfAborted` either.
 */
export function abortReasonOf({ reason }: { readonly reason?: unknown }): unknown {
  if (reason !== undefined) return reason;
  const error = new Error('The call was aborted.');
  error.name = 'AbortError';
  return error;
}

/** Throws if the signal is aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortReasonOf(signal);
}
