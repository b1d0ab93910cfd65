import type { ServerResponse } from 'node:http';

/**
 * A signal that is aborted when the client goes away before it has its answer, or so long from now.
 * Made when it is asked for: most answers wait for nothing. Not `AbortSignal.timeout`: its timer
 * would outlive every operation that was quick.
 */
export function deadlineOf(response: ServerResponse, timeoutMs: number): () => AbortSignal {
  const startedAt = performance.now();
  let signal: AbortSignal | undefined;
  return () => (signal ??= begin(response, timeoutMs - (performance.now() - startedAt)));
}

function begin(response: ServerResponse, leftMs: number): AbortSignal {
  const controller = new AbortController();
  if (response.closed) {
    controller.abort();
    return controller.signal;
  }
  const timer = setTimeout(() => {
    controller.abort(new DOMException('The operation took too long.', 'TimeoutError'));
  }, leftMs);
  response.once('close', () => {
    clearTimeout(timer);
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}
