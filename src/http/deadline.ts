import type { ServerResponse } from 'node:http';

/**
 * A signal that is aborted when the client goes away before it has its answer, or after so long.
 * Not `AbortSignal.timeout`: its timer would outlive every operation that was quick.
 */
export function deadlineOf(response: ServerResponse, timeoutMs: number): AbortSignal {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(new DOMException('The operation took too long.', 'TimeoutError'));
  }, timeoutMs);
  response.once('close', () => {
    clearTimeout(timer);
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}
