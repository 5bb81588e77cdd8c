/** Signing in and signing up. */

import { useState } from 'react';
import type { SyntheticEvent } from 'react';

import { usePlanner } from '../../hooks/planner-context';
import { Button } from '../parts/Button';
import { TextField } from '../parts/Field';
import { formText } from '../parts/form-text';
import { useForm } from '../parts/useForm';

export function SignInPage() {
  const [isNew, setNew] = useState(false);
  const { session } = usePlanner();
  return (
    <main className="sign-in">
      <section className="sign-in-card">
        <img src="/assets/icon.svg" alt="" width={44} height={44} />
        <h1>{isNew ? 'Create your account' : 'Welcome back'}</h1>
        <p className="sign-in-lead">
          {isNew ? 'Plan your days here; your agents help you keep up.' : 'Sign in to see your day.'}
        </p>
        {session.wasRefused && !isNew && (
          <p className="callout" role="status">
            You have been signed out. Sign in to go on where you were.
          </p>
        )}
        <SignInForm key={isNew ? 'new' : 'known'} isNew={isNew} />
        <p className="sign-in-switch">
          {isNew ? 'You have an account already?' : 'New here?'}{' '}
          <button type="button" className="link" onClick={() => setNew(!isNew)}>
            {isNew ? 'Sign in' : 'Create an account'}
          </button>
        </p>
      </section>
    </main>
  );
}

function SignInForm({ isNew }: { isNew: boolean }) {
  const { api, session, changeUser } = usePlanner();
  const form = useForm();

  const send = async (data: FormData) => {
    const credentials = { email: formText(data, 'email').trim(), password: formText(data, 'password') };
    if (!isNew) return session.accept((await api.account.login(credentials)).token);
    const name = formText(data, 'name').trim();
    const { token } = await api.account.register(name === '' ? credentials : { ...credentials, name });
    session.accept(token);
    // Days are to begin where the person is; that it could not be told yet is no reason to fail.
    await changeUser({ timezone: Intl.DateTimeFormat().resolvedOptions().timeZone }).catch(() => undefined);
  };

  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    void form.submit(() => send(data));
  };

  return (
    <form className="form" onSubmit={submit} noValidate>
      {isNew && <TextField label="Name" name="name" autoComplete="name" error={form.errorOf('name')} hint="Optional" />}
      <TextField label="Email" name="email" type="email" autoComplete="username" required error={form.errorOf('email')} />
      <TextField
        label="Password"
        name="password"
        type="password"
        autoComplete={isNew ? 'new-password' : 'current-password'}
        required
        error={form.errorOf('password')}
        hint={isNew ? 'At least 8 characters, with an upper and a lower case letter and a digit.' : undefined}
      />
      {form.message !== null && (
        <p className="callout callout-problem" role="alert">
          {form.message}
        </p>
      )}
      <Button kind="primary" type="submit" disabled={form.isBusy}>
        {isNew ? 'Create account' : 'Sign in'}
      </Button>
    </form>
  );
}
