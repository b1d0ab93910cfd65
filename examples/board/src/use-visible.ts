import { useSyncExternalStore } from 'react';

/** Whether the page is visible: its tab is in front, and its window not minimized. */
export const useVisible = (): boolean => useSyncExternalStore(subscribe, () => !document.hidden);

function subscribe(onChange: () => void): () => void {
  document.addEventListener('visibilitychange', onChange);
  return () => document.removeEventListener('visibilitychange', onChange);
}
