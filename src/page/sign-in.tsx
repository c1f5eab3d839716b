// Sign-in: a link to sign in with Microsoft Entra, or a form for a function key, which stays in memory.
// It must not store a key, and not put it into the address.
import { useState } from 'preact/hooks';

export function SignIn() {
  return (
    <section class="panel narrow">
      <h1>Sign in</h1>
      <p>Accounts are shown to people whose roles allow it.</p>
      <p>
        <a class="button primary" href="/.auth/login/aad?post_login_redirect_uri=/api/page">
          Sign in with Microsoft
        </a>
      </p>
    </section>
  );
}

export function KeyForm({ wasIn, enter }: { wasIn: boolean; enter: (key: string) => void }) {
  const [key, setKey] = useState('');
  const [isTried, setTried] = useState(wasIn);
  const submit = (event: Event) => {
    event.preventDefault();
    if (key.trim() === '') return;
    enter(key.trim());
    setKey('');
    setTried(true);
  };
  return (
    <section class="panel narrow">
      <h1>Function key</h1>
      <p>
        This service asks for one of its function keys. The key stays in the memory of this page and is gone with it.
      </p>
      {isTried ? (
        <div class="note bad" role="alert">
          The key was not accepted.
        </div>
      ) : null}
      <form onSubmit={submit}>
        <label for="function-key">Key</label>
        <input
          id="function-key"
          type="password"
          autocomplete="off"
          spellcheck={false}
          value={key}
          onInput={({ currentTarget }) => setKey(currentTarget.value)}
        />
        <div class="actions">
          <button class="primary" type="submit">
            Enter
          </button>
        </div>
      </form>
    </section>
  );
}
