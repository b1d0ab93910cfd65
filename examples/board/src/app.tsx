import { useCallback, useMemo, useState } from 'react';
import { Client, fetchExchange, Provider } from 'urql';
import { Board } from './board.tsx';
import { SignIn } from './sign-in.tsx';

// In sessionStorage, which the browser clears when it closes the tab.
const storageKey = 'board-key';

/** The board, or the form to sign in. */
export function App() {
  const [key, setKey] = useState(() => sessionStorage.getItem(storageKey));
  const [refused, setRefused] = useState(false);
  const client = useMemo(() => (key === null ? null : clientOf(key)), [key]);

  const signIn = (entered: string) => {
    sessionStorage.setItem(storageKey, entered);
    setRefused(false);
    setKey(entered);
  };
  const signOut = useCallback((wasRefused: boolean) => {
    sessionStorage.removeItem(storageKey);
    setRefused(wasRefused);
    setKey(null);
  }, []);

  if (client === null) return <SignIn onSignIn={signIn} refused={refused} />;
  return (
    <Provider value={client}>
      <Board onSignOut={signOut} />
    </Provider>
  );
}

/** Without urql's cache: all screens share the server's cache, which knows the age of its rows. */
function clientOf(key: string): Client {
  return new Client({
    url: '/graphql',
    exchanges: [fetchExchange],
    // Subscriptions as server-sent events.
    fetchSubscriptions: true,
    requestPolicy: 'network-only',
    fetchOptions: { headers: { authorization: `Bearer ${key}` } },
  });
}
