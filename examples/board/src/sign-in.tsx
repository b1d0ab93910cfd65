import { useState } from 'react';

interface Props {
  readonly onSignIn: (key: string) => void;
  /** Whether EnviaAI refused the previous key. */
  readonly refused: boolean;
}

/** The form for a key. If your server uses `AUTH=jwt`, replace it by the sign-in of your users. */
export function SignIn({ onSignIn, refused }: Props) {
  const [key, setKey] = useState('');
  return (
    <main className="sign-in">
      <form
        className="panel"
        onSubmit={(event) => {
          event.preventDefault();
          if (key.trim() !== '') onSignIn(key.trim());
        }}
      >
        <img src="/mark.svg" alt="" width="44" height="44" />
        <h1>Sign in</h1>
        <p>See your WhatsApp instances, live.</p>
        <label htmlFor="key">Key</label>
        <input
          id="key"
          type="password"
          autoComplete="off"
          // The only input of the page.
          autoFocus
          required
          value={key}
          onChange={(event) => setKey(event.target.value)}
          aria-describedby="key-help"
          aria-invalid={refused}
        />
        <p
          id="key-help"
          role={refused ? 'alert' : undefined}
          className={refused ? 'refused' : 'help'}
        >
          {refused
            ? 'This key is not accepted. Check it and try again.'
            : 'The sandbox accepts any word, such as “sandbox”.'}
        </p>
        <button type="submit" className="primary">
          Sign in
        </button>
      </form>
    </main>
  );
}
