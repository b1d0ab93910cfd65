import { useEffect, useState } from 'react';
import { useClient } from 'urql';
import { followLinking, type Linking } from './follow-linking.ts';

export interface LinkingState {
  readonly linking: Linking;
  /** Begins another attempt. */
  readonly again: () => void;
}

/** Links an instance while the component is on screen. Two at once are one attempt with one code. */
export function useLinking(id: string): LinkingState {
  const client = useClient();
  const [attempt, setAttempt] = useState(1);
  const [linking, setLinking] = useState<Linking>({ step: 'waiting' });
  useEffect(() => followLinking(client, id, setLinking), [client, id, attempt]);
  return {
    linking,
    again() {
      setLinking({ step: 'waiting' });
      setAttempt(attempt + 1);
    },
  };
}
