/** A new password; every other session ends with the old one. */

import type { SyntheticEvent } from 'react';

import { usePlanner } from '../../hooks/planner-context';
import { TextField } from '../parts/Field';
import { formText } from '../parts/form-text';
import { useForm } from '../parts/useForm';
import { FormEnd } from './ProfileSection';

export function PasswordForm() {
  const { api, notices } = usePlanner();
  const form = useForm();
  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    const element = event.currentTarget;
    const data = new FormData(element);
    const text = (name: string) => formText(data, name);
    void form
      .submit(() => api.account.changePassword(text('currentPassword'), text('newPassword')))
      .then((isSaved) => {
        if (!isSaved) return;
        element.reset();
        notices.show({ text: 'Password changed. Other sessions were signed out.', tone: 'info' });
      });
  };
  return (
    <section className="settings-card" aria-labelledby="password-title">
      <h2 id="password-title">Password</h2>
      <form className="form" onSubmit={submit}>
        <TextField label="Current password" name="currentPassword" type="password" autoComplete="current-password" required error={form.errorOf('currentPassword')} />
        <TextField
          label="New password"
          name="newPassword"
          type="password"
          autoComplete="new-password"
          required
          error={form.errorOf('newPassword')}
          hint="At least 8 characters, with an upper and a lower case letter and a digit."
        />
        <FormEnd form={form} label="Change password" />
      </form>
    </section>
  );
}
