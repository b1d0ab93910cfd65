import type { ServerResponse } from 'node:http';

/**
 * Creates the signal of an operation. It is aborted `timeoutMs` from now, or when the client
 * disconnects before it has the response. It is created on the first call, because most operations
 * wait for nothing. `AbortSignal.timeout` would not do: its timer continues after the operation.
 */
export function deadlineOf(response: ServerResponse, timeoutMs: number): () => AbortSignal {
  const startedAt = performance.now();
  let signal: AbortSignal | undefined;
  return () => (signal ??= createSignal(response, timeoutMs - (performance.now() - startedAt)));
}

function createSignal(response: ServerResponse, remainingMs: number): AbortSignal {
  const controller = new AbortController();
  if (response.closed) {
    controller.abort();
    return controller.signal;
  }
  const timer = setTimeout(() => {
    controller.abort(new DOMException('The operation took too long.', 'TimeoutError'));
  }, remainingMs);
  response.once('close', () => {
    clearTimeout(timer);
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}
