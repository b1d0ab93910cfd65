import { useCallback, useMemo, useState } from 'react';
import { Client, fetchExchange, Provider } from 'urql';
import { Board } from './board.tsx';
import { SignIn } from './sign-in.tsx';

// Of this tab, and gone with it.
const storedAs = 'board-key';

/** The board of whoever is signed in. */
export function App() {
  const [key, setKey] = useState(() => sessionStorage.getItem(storedAs));
  const [refused, setRefused] = useState(false);
  const client = useMemo(() => (key === null ? null : clientOf(key)), [key]);

  const signIn = (entered: string) => {
    sessionStorage.setItem(storedAs, entered);
    setRefused(false);
    setKey(entered);
  };
  const signOut = useCallback((wasRefused: boolean) => {
    sessionStorage.removeItem(storedAs);
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

/** Without a cache of its own: the server's is shared by all screens, and knows what is fresh. */
function clientOf(key: string): Client {
  return new Client({
    url: '/graphql',
    exchanges: [fetchExchange],
    requestPolicy: 'network-only',
    fetchOptions: { headers: { authorization: `Bearer ${key}` } },
  });
}
